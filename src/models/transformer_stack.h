// src/models/transformer_stack.h
#pragma once

#include <torch/nn/module.h>
#include <torch/nn/modules/container/modulelist.h>

#include <memory>
#include <vector>

#include "models/transformer_layer.h"

namespace kuchi::models {

/// Positions and transformer layers: [frames, width] → [frames, width]. With norm: pre a LayerNorm
/// ends it. Parameters of the layers are named as PyTorch's nn.TransformerEncoder has them.
///
/// Learned positions: a table of `learned_positions` rows, of which every later frame takes the
/// last.
class TransformerStack : public torch::nn::Module {
 public:
  explicit TransformerStack(const TransformerOptions& options);
  /// x [total, width], packed clip by clip → the same
  at::Tensor forward(const at::Tensor& x, const ClipRows& rows);
  /// x of `batch` [batch, frames, width] → the same, undefined beyond a clip's end. Attention with
  /// a reach is emitted in blocks, linear in length as here.
  onnx::Value emit(onnx::Graph& graph, const OnnxBatch& batch) const;

  /// TransformerStream in a graph: rows come layers × right rows later.
  StreamRows emit_stream(onnx::Graph& graph, OnnxStates& states, const StreamRows& rows) const;

  const TransformerOptions& options() const { return options_; }
  const TransformerLayer& layer(size_t i) const { return *layers_[i]; }
  /// What was heard at these frames of a clip and what positions add to it. positions [n] int64
  at::Tensor placed(const at::Tensor& heard, const at::Tensor& positions) const;
  Rotation turned(const at::Tensor& positions, const at::TensorOptions& like) const;
  /// [heads] of ALiBi; undefined with other positions.
  at::Tensor slopes() const;
  /// The norm that ends it, where there is one.
  at::Tensor ended(const at::Tensor& x) const;

 private:
  onnx::Value emit_placed(onnx::Graph& graph, const onnx::Value& x, const onnx::Value& at) const;
  onnx::Value emit_ended(onnx::Graph& graph, const onnx::Value& x) const;

  TransformerOptions options_;
  at::Tensor table_;                                       // [learned_positions, width]
  std::vector<std::shared_ptr<TransformerLayer>> layers_;  // as in `list_`, by their own type
  torch::nn::ModuleList list_;
  mutable torch::nn::LayerNorm norm_{nullptr};
};

/// A stack at work on one clip that is still coming. Each layer keeps the keys and values of `left`
/// frames, and the frames whose `right` neighbours are not there yet. A reach without left bound
/// would have to keep all: std::logic_error.
class TransformerStream {
 public:
  explicit TransformerStream(const TransformerStack& stack);
  /// x [frames, width], those that follow; the last ones if `ends` → [frames', width], what can be
  /// known now and was not before
  at::Tensor push(const at::Tensor& x, bool ends);

 private:
  struct Layer {
    at::Tensor x, q;       // [waiting, width], [waiting, heads, head_dim]
    at::Tensor k, v;       // [kept, heads, head_dim]
    int64_t answered = 0;  // frames that are through
    int64_t first = 0;     // frame of k's first row
    int64_t heard = 0;     // frames that have come
  };
  at::Tensor push(Layer& state, const TransformerLayer& layer, const at::Tensor& x,
                  bool ends) const;
  at::Tensor attend(Layer& state, int64_t count) const;

  const TransformerStack& stack_;
  Reach reach_;
  at::Tensor slopes_;
  std::vector<Layer> layers_;
};

}  // namespace kuchi::models
