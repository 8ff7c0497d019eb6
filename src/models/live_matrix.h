// src/models/live_matrix.h
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

#include "models/live_weights.h"

namespace kuchi::models {

/// A matrix for products with one vector at a time, whose time is that of reading it. bfloat16
/// rounds to the nearest, int8 keeps a row as whole numbers of -127 … 127 times its own step,
/// largest / 127. Sums are float32; with AVX2 those of int8 are of whole numbers, the vector
/// taken in steps of its largest / 32767. By AVX2 and FMA where the processor has them.
class LiveMatrix {
 public:
  /// weight [rows, cols] float32, on the CPU
  LiveMatrix(const at::Tensor& weight, LiveWeights kind);
  /// y [rows] += W x [cols]
  void add_product(const float* x, float* y) const;
  /// y [n, rows] += x [n, cols] W', contiguous; as one product of matrices where that is quicker.
  void add_products(const at::Tensor& x, at::Tensor& y) const;
  int64_t rows() const { return values_.size(0); }
  int64_t cols() const { return values_.size(1); }
  /// The weights as they count, float32 [rows, cols].
  at::Tensor dense() const;

 private:
  LiveWeights kind_;
  at::Tensor values_;  // [rows, cols] of the kind's type
  at::Tensor step_;    // [rows] float32, of int8
};

}  // namespace kuchi::models
