// src/core/matrix.h
#pragma once

#include <cassert>
#include <cstdint>
#include <span>
#include <vector>

namespace kuchi {

/// A plain row-major matrix: time down, dimensions across. For the rooms without LibTorch.
template <typename T>
struct MatrixOf {
  int64_t rows = 0;
  int64_t cols = 0;
  std::vector<T> data;  // [rows, cols]

  MatrixOf() = default;
  MatrixOf(int64_t rows_, int64_t cols_, T fill = T{})
      : rows(rows_), cols(cols_), data(static_cast<size_t>(rows_ * cols_), fill) {}

  T& operator()(int64_t r, int64_t c) {
    assert(r >= 0 && r < rows && c >= 0 && c < cols);
    return data[static_cast<size_t>(r * cols + c)];
  }
  const T& operator()(int64_t r, int64_t c) const {
    assert(r >= 0 && r < rows && c >= 0 && c < cols);
    return data[static_cast<size_t>(r * cols + c)];
  }
  std::span<T> row(int64_t r) { return {data.data() + r * cols, static_cast<size_t>(cols)}; }
  std::span<const T> row(int64_t r) const {
    return {data.data() + r * cols, static_cast<size_t>(cols)};
  }
};

using Matrix = MatrixOf<float>;

}  // namespace kuchi
