// src/models/attention.h
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <optional>

#include "models/clip_rows.h"

namespace kuchi::models {

/// Which frames a frame attends to: those from `left` before it to `right` after it; nothing: all
/// there are on that side.
struct Reach {
  std::optional<int64_t> left, right;
  bool bounded() const { return left && right; }
  bool operator==(const Reach&) const = default;
};

/// Scaled dot-product attention (Vaswani et al. 2017) of each clip's frames to that clip's frames
/// within reach:
///
///   out[i] = sum over j of softmax_j(q[i] · k[j] / sqrt(head_dim) + bias_h(i, j)) v[j]
///   bias_h(i, j) = −slope_h |i − j| (ALiBi, Press et al., ICLR 2022), or 0 without slopes
///
/// With a reach on both sides it is a band: queries are taken in blocks, each with the stretch of
/// keys that it can see, all blocks of all clips through one call of LibTorch's fused attention.
/// Time and memory are linear in the number of frames. Otherwise time is quadratic; memory is not,
/// since the fused kernel keeps no scores.
///
/// Made once a batch and used by all layers, which have the same masks.
class Attending {
 public:
  /// slopes [heads] or undefined. `like` gives device and element type of what comes.
  Attending(const ClipRows& rows, const Reach& reach, const at::Tensor& slopes,
            const at::TensorOptions& like);

  /// q, k, v [total, heads, head_dim] → [total, heads · head_dim]. dropout: of attention weights,
  /// 0 when not training; with it LibTorch takes its plain kernel, which keeps the scores.
  at::Tensor operator()(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
                        double dropout) const;

 private:
  at::Tensor band(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
                  double dropout) const;
  at::Tensor clip_by_clip(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
                          double dropout) const;
  at::Tensor by_blocks(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
                       double dropout) const;

  const ClipRows& rows_;
  Reach reach_;        // cut to the longest clip
  at::Tensor slopes_;  // [heads] or undefined
  int64_t block_ = 0;  // queries in a block of the band; 0: no band
  int64_t span_ = 0;   // keys that a block sees
  at::Tensor mask_;  // of the band [blocks, 1 or heads, block, span]: 0 or the bias, −inf outside
};

/// What is added to scores: 0 (or ALiBi's bias) within reach, −inf outside.
/// distance [queries, keys] int64, key − query → [queries, keys], or [heads, queries, keys] with
/// slopes [heads].
at::Tensor reach_mask(const at::Tensor& distance, const Reach& reach, const at::Tensor& slopes,
                      const at::TensorOptions& like);

}  // namespace kuchi::models
