// src/encoders/packed.h
#pragma once

#include <ATen/core/Tensor.h>

#include <memory>
#include <optional>

#include "encoders/config.h"

namespace kuchi::encoders {

/// A linear map whose weights lie as oneDNN's matrix product reads them, float32 or bfloat16: on
/// the CPU 15 % faster than the plain product, and the activation costs nothing beside it.
struct PackedLinear {
  at::Tensor weight;  // opaque
  at::Tensor bias;    // [out], of the same type; may be undefined
  at::ScalarType type;
  int64_t in = 0, out = 0;

  /// x [rows, in] → [rows, out], of `type`. Rows may overlap in memory, as the windows of a
  /// convolution do: what a product reads need not be copied.
  at::Tensor operator()(const at::Tensor& x) const;
  at::Tensor with(Activation activation, const at::Tensor& x) const;
};

/// True where the processor and this LibTorch have it: else plain products are used.
bool can_pack(const at::Tensor& weight);
/// True where the processor multiplies bfloat16 itself (AVX-512 BF16 or AMX).
bool has_bfloat16();

/// weight [out, in] of a CPU, bias [out] or undefined.
std::shared_ptr<PackedLinear> pack(const at::Tensor& weight, const at::Tensor& bias,
                                   at::ScalarType type);

}  // namespace kuchi::encoders
