// src/edge/onnx_constant.h
#pragma once

#include <ATen/core/Tensor.h>

#include <string_view>

#include "onnx/graph.h"

namespace kuchi::edge {

/// A tensor of any device and layout as a float32 constant of a graph.
onnx::Value constant(onnx::Graph& graph, std::string_view hint, const at::Tensor& tensor);
/// The same as float64.
onnx::Value constant64(onnx::Graph& graph, std::string_view hint, const at::Tensor& tensor);

/// A large matrix, as the graph's storage says (onnx/weights.h): int8 with a scale for each row of
/// `axis`, which should be that of the outputs.
onnx::Value weight(onnx::Graph& graph, std::string_view hint, const at::Tensor& tensor,
                   int64_t axis);

}  // namespace kuchi::edge
