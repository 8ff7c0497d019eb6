// src/encoders/layers.h
#pragma once

#include <ATen/core/Tensor.h>
#include <torch/nn/module.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "encoders/config.h"

/// The layers of an encoder: plain structs of tensors, each with its function. The tensors are
/// parameters registered with the Encoder (moving that moves them), under transformers' names.
namespace kuchi::encoders {

/// Weights brought into the order the processor's matrix product likes best; see packed.h.
struct PackedLinear;

/// y = x Wᵀ + b, and beside it a low-rank adapter where one was added:
/// y += scale · dropout(x) Aᵀ Bᵀ (LoRA, Hu et al., ICLR 2022).
struct Linear {
  at::Tensor weight;                     // [out, in]
  at::Tensor bias;                       // [out]
  at::Tensor lora_a, lora_b;             // [rank, in], [out, rank]; undefined without an adapter
  double lora_scale = 0;                 // alpha / rank
  double lora_dropout = 0;               // while training
  std::shared_ptr<PackedLinear> packed;  // of a frozen encoder

  /// x [..., in] → [..., out]
  at::Tensor operator()(const at::Tensor& x, bool training = false) const;
  /// The same with an activation after it.
  at::Tensor with(Activation activation, const at::Tensor& x, bool training = false) const;
  /// W + scale · B A, [out, in]: the adapter merged, for export and inference.
  at::Tensor merged() const;
  void pack(at::ScalarType type);
};

/// Dropout while training: after a sublayer, of attention weights, inside feed-forward, after the
/// feature projection.
struct Dropouts {
  bool training = false;
  double hidden = 0, attention = 0, activation = 0, projection = 0;
};

struct Norm {
  at::Tensor weight, bias;  // [dim]; undefined: no affine part
  double eps = 1e-5;
  at::Tensor operator()(const at::Tensor& x) const;  // over the last dimension
};

at::Tensor activate(Activation activation, const at::Tensor& x);

struct ConvLayer {
  at::Tensor weight;  // [out, in, kernel]
  at::Tensor bias;    // [out] or undefined
  std::optional<Norm> norm;
  bool group_norm = false;  // then norm is over time, a group a channel
  int64_t stride = 1;
  std::shared_ptr<PackedLinear> packed;
};

/// 16 kHz samples → frames; convolutions, each with its norm and activation.
struct FrontEnd {
  std::vector<ConvLayer> layers;
  Activation activation = Activation::gelu;
  /// audio [samples], normalised → [frames, conv_dim.back()]; a clip alone.
  at::Tensor operator()(const at::Tensor& audio) const;
  /// For a front end that no longer learns.
  void pack(at::ScalarType type);
};

/// LayerNorm (where the config has it) and Linear: conv_dim.back() → hidden.
struct Projection {
  std::optional<Norm> norm;
  Linear linear;
};

/// Positional convolution(s): a grouped convolution whose result is added to its input.
struct PositionConv {
  at::Tensor weight, bias;  // [hidden, hidden/groups, kernel], weight norm folded; [hidden]
  // HuBERT's conv_pos_batch_norm, in evaluation mode; undefined without
  at::Tensor batch_weight, batch_bias, batch_mean, batch_variance;  // [hidden]
  std::vector<std::shared_ptr<PackedLinear>> packed;                // one a group
};
struct Positions {
  std::vector<PositionConv> convs;  // one; several in data2vec, each followed by a plain norm
  bool stacked = false;             // data2vec
  int64_t groups = 16;
  Activation activation = Activation::gelu;
  /// x [frames, hidden], a clip alone → what is to be added to it
  at::Tensor operator()(const at::Tensor& x) const;
  void pack(at::ScalarType type);
};

/// Multi-head self-attention, a clip's frames with that clip's alone.
struct Attention {
  Linear q, k, v, out;
  int64_t heads = 12;
  // WavLM (Chen et al., 2022): a relative position bias with a gate a layer.
  Linear gate;              // gru_rel_pos_linear [8, head_dim]; weight undefined without
  at::Tensor gate_scale;    // gru_rel_pos_const [1, heads, 1, 1]
  at::Tensor bias_buckets;  // rel_attn_embed.weight [buckets, heads], layer 0's, shared by all
  int64_t max_distance = 800;
  std::shared_ptr<PackedLinear> qkv;  // the three in one product, of a frozen encoder

  struct Heads {
    at::Tensor q, k, v;
  };
  /// x [total, hidden], clip i in rows offsets[i] … offsets[i+1]-1 → [total, hidden]
  at::Tensor operator()(const at::Tensor& x, const std::vector<int64_t>& offsets,
                        const Dropouts& dropouts = {}) const;
  Heads project(const at::Tensor& x, bool training) const;  // [total, hidden] each
  void pack(at::ScalarType type);
};

/// One Transformer layer.
struct Layer {
  Attention attention;
  Norm attention_norm;  // layer_norm
  Linear up, down;      // feed_forward.intermediate_dense, .output_dense
  Norm final_norm;      // final_layer_norm
  Activation activation = Activation::gelu;
  bool pre_norm = false;

  /// x [total, hidden], offsets as in Attention → [total, hidden]
  at::Tensor operator()(const at::Tensor& x, const std::vector<int64_t>& offsets,
                        const Dropouts& dropouts = {}) const;
  at::Tensor feed_forward(const at::Tensor& x, const Dropouts& dropouts) const;
  void pack(at::ScalarType type);
};

/// WavLM's bucket of each distance key − query, −(n−1) … n−1: [2n − 1] int64.
/// The logarithm in float32, truncated, as transformers has it.
at::Tensor position_buckets(int64_t n, int64_t buckets, int64_t max_distance);

}  // namespace kuchi::encoders
