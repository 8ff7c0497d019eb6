// src/models/positions.h
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

/// How a transformer is told where a frame stands. A position is a frame's number in its clip, from
/// 0, at the curves' rate. Angles are computed in double: hours of frames keep their place.
namespace kuchi::models {

/// Vaswani et al. 2017, section 3.5: column 2i is sin(p / 10000^(2i / width)), column 2i + 1 its
/// cosine. positions [n] int64 → [n, width] float32 on the CPU; width even.
at::Tensor sinusoids(const at::Tensor& positions, int64_t width);

/// Rotary positions (Su et al. 2021): the pair of values i and i + head_dim / 2 of each query and
/// key is turned by p · 10000^(−2i / head_dim), so that their product knows the distance alone.
struct Rotation {
  at::Tensor cos, sin;  // [n, 1, head_dim / 2]; undefined: nothing is turned
  /// x [n, heads, head_dim] → the same
  at::Tensor operator()(const at::Tensor& x) const;
};
/// positions [n] int64; head_dim even. `like` gives device and element type.
Rotation rotation(const at::Tensor& positions, int64_t head_dim, const at::TensorOptions& like);

/// 10000^(−2i / dim) for i = 0 … dim / 2 − 1: [dim / 2] float64.
at::Tensor frequencies(int64_t dim);

/// ALiBi's slopes (Press et al., ICLR 2022): 2^(−8 h / heads) for h = 1 … heads: [heads] float32.
at::Tensor alibi_slopes(int64_t heads);

}  // namespace kuchi::models
