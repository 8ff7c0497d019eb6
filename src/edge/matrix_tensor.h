// src/edge/matrix_tensor.h
#pragma once

#include <ATen/core/Tensor.h>

#include <span>

#include "core/matrix.h"

namespace kuchi::edge {

/// A copy on the CPU, float32, of as many values as the shape has.
at::Tensor to_tensor(std::span<const float> values, at::IntArrayRef shape);
/// [rows, cols], of any device and type
Matrix to_matrix(const at::Tensor& tensor);

}  // namespace kuchi::edge
