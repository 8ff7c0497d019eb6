// src/models/onnx.h
#pragma once

#include <ATen/core/Tensor.h>
#include <torch/nn/modules/container/sequential.h>
#include <torch/nn/modules/linear.h>
#include <torch/nn/modules/normalization.h>
#include <torch/nn/modules/rnn.h>

#include <string_view>

#include "models/onnx_stream.h"
#include "onnx/graph.h"

/// Layers as part of an ONNX graph: an emitter a layer, each in a file of its own. They say what
/// the layer does in evaluation mode: dropout is nothing.
namespace kuchi::models {

/// A batch of clips in a graph.
struct OnnxBatch {
  onnx::Value x;        // [batch, frames, dim] float32
  onnx::Value lengths;  // [batch] int64, frames
  onnx::Value valid;    // [batch, frames, 1] bool: inside the clip
};

/// The same values beside those of every frame: x [batch, frames, dim], values [batch, n]
/// → [batch, frames, dim + n]
onnx::Value emit_beside(onnx::Graph& graph, const onnx::Value& x, const onnx::Value& values);

/// A tensor as a float32 constant of the graph.
onnx::Value emit(onnx::Graph& graph, std::string_view hint, const at::Tensor& tensor);
/// A large matrix, kept as the graph's storage says; `axis` is that of its outputs.
onnx::Value emit_weight(onnx::Graph& graph, std::string_view hint, const at::Tensor& tensor,
                        int64_t axis);

onnx::Value emit(onnx::Graph& graph, const torch::nn::LinearImpl& layer, const onnx::Value& x);
onnx::Value emit(onnx::Graph& graph, const torch::nn::LayerNormImpl& layer, const onnx::Value& x);
/// A sequence of the layers that the list in emit_sequence.cpp knows; std::logic_error for others.
onnx::Value emit(onnx::Graph& graph, const torch::nn::SequentialImpl& layers, const onnx::Value& x);

/// batch_first LSTM of one or both directions, all its layers; the backward direction begins at
/// each clip's own end. → [batch, frames, directions · hidden], zero beyond a clip's end.
onnx::Value emit(onnx::Graph& graph, const torch::nn::LSTMImpl& layer, const OnnxBatch& batch);
/// The same of a stream, in one direction: it begins at the clip's first frame.
StreamRows emit_stream(onnx::Graph& graph, OnnxStates& states, const torch::nn::LSTMImpl& layer,
                       const StreamRows& rows);

}  // namespace kuchi::models
