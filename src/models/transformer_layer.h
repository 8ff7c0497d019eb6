// src/models/transformer_layer.h
#pragma once

#include <torch/nn/module.h>
#include <torch/nn/modules/linear.h>
#include <torch/nn/modules/normalization.h>

#include "models/attention.h"
#include "models/positions.h"
#include "models/transformer_options.h"
#include "onnx/graph.h"

namespace kuchi::models {

struct OnnxBatch;
struct StreamRows;
class OnnxSight;
class OnnxStates;
class OnnxStreamSight;

/// Queries, keys and values of some frames, each [frames, heads, head_dim]; turned where positions
/// are rotary.
struct AttentionInput {
  at::Tensor q, k, v;
};

/// Multi-head self-attention (Vaswani et al. 2017, section 3.2.2) but for the attending itself.
/// Parameters as in PyTorch's nn.MultiheadAttention.
class SelfAttention : public torch::nn::Module {
 public:
  SelfAttention(int64_t width, int64_t heads);
  /// x [frames, width]
  AttentionInput project(const at::Tensor& x, const Rotation& rotation) const;
  /// heard [frames, width], heads side by side → [frames, width]
  at::Tensor join(const at::Tensor& heard) const { return out_->forward(heard); }
  /// x [batch, frames, width] → the same
  onnx::Value emit(onnx::Graph& graph, const onnx::Value& x, const OnnxSight& sight) const;
  /// come [batch, frames, width]: rows that become keys and values; asking, of the same size: those
  /// that are answered; seen: what of each key may be seen, OnnxStreamSight::seen()
  onnx::Value emit_stream(onnx::Graph& graph, OnnxStates& states, const onnx::Value& come,
                          const onnx::Value& asking, const onnx::Value& seen,
                          const OnnxStreamSight& sight) const;

 private:
  /// Queries (0), keys (1) or values (2) of x: [batch, frames, width]; queries divided by
  /// sqrt(head_dim).
  onnx::Value emit_projected(onnx::Graph& graph, int64_t which, const onnx::Value& x) const;

  int64_t heads_;
  at::Tensor in_weight_, in_bias_;  // [3 width, width], [3 width]
  mutable torch::nn::Linear out_{nullptr};
};

/// One layer, parameters and order as in PyTorch's nn.TransformerEncoderLayer with ReLU:
///
///   pre:   y = x + A(norm1(x));   out = y + F(norm2(y))        (Xiong et al., ICML 2020)
///   post:  y = norm1(x + A(x));   out = norm2(y + F(y))        (Vaswani et al. 2017)
///
/// with A attention and F(x) = W2 relu(W1 x + b1) + b2, each under dropout.
class TransformerLayer : public torch::nn::Module {
 public:
  explicit TransformerLayer(const TransformerOptions& options);
  /// x [total, width] → the same
  at::Tensor forward(const at::Tensor& x, const Attending& attend, const Rotation& rotation) const;

  /// The same in two steps, with the attending between: a stream holds frames back there.
  AttentionInput before(const at::Tensor& x, const Rotation& rotation) const;
  /// x and heard [frames, width] → the same
  at::Tensor after(const at::Tensor& x, const at::Tensor& heard) const;

  /// x [batch, frames, width] → the same
  onnx::Value emit(onnx::Graph& graph, const onnx::Value& x, const OnnxSight& sight) const;
  /// A chunk's rows → as many, `right` rows later.
  StreamRows emit_stream(onnx::Graph& graph, OnnxStates& states, const StreamRows& rows,
                         const OnnxStreamSight& sight) const;

 private:
  at::Tensor feed_forward(const at::Tensor& x) const;
  onnx::Value emit_before(onnx::Graph& graph, const onnx::Value& x) const;
  onnx::Value emit_after(onnx::Graph& graph, const onnx::Value& x, const onnx::Value& heard) const;

  TransformerOptions options_;
  std::shared_ptr<SelfAttention> attention_;
  mutable torch::nn::Linear linear1_{nullptr}, linear2_{nullptr};
  mutable torch::nn::LayerNorm norm1_{nullptr}, norm2_{nullptr};
};

}  // namespace kuchi::models
