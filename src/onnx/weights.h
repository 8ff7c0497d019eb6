#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "onnx/graph.h"

/// Large matrices of a model, kept small: what the graph computes with is float32 again.
namespace kuchi::onnx {

/// As options spell them, in the order of the enum.
inline const std::vector<std::string> kStorages = {"fp32", "fp16", "int8"};
/// std::logic_error for another name.
Storage storage(const std::string& name);

/// A matrix as the graph's storage() says:
///   float16  rounded to the nearest, ties to even, and a Cast; float32 where a value is beyond it
///   int8     q = round(w / s) with s = max |w| / 127 of each row of `axis`, and DequantizeLinear
/// Those of less than kLeastWeights values stay float32: there is nothing to win.
Value weight(Graph& graph, std::string_view hint, std::span<const float> values,
             std::vector<int64_t> shape, int64_t axis);
inline constexpr int64_t kLeastWeights = 1024;

/// The bits of the nearest IEEE 754 half: ties to even, infinity from 65520 on.
uint16_t half_bits(float value);

}  // namespace kuchi::onnx
