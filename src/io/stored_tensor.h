// src/io/stored_tensor.h
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

namespace kuchi::io {

/// Where a tensor's values lie in a file; readers have checked that all of it is inside.
struct StoredTensor {
  std::string name;
  std::string dtype;  // as safetensors spells it
  std::vector<int64_t> shape;
  std::vector<int64_t> strides;  // in values; empty: C order, no gaps
  uint64_t offset = 0;           // of the first value in the file
  uint64_t bytes = 0;            // from there to the end of the last one
};

/// Product of the sizes, in which a 0 counts as 1 (strides must fit even where there is nothing to
/// hold); -1 where that is beyond int64 or a size is negative.
inline int64_t checked_product(const std::vector<int64_t>& shape, int64_t first = 1) {
  int64_t out = first;
  for (const auto n : shape) {
    if (n < 0 || (n > 0 && out > std::numeric_limits<int64_t>::max() / n)) return -1;
    out *= std::max<int64_t>(n, 1);
  }
  return out;
}

inline bool is_empty(const std::vector<int64_t>& shape) {
  return std::find(shape.begin(), shape.end(), 0) != shape.end();
}

}  // namespace kuchi::io
