// A tensor as a file that a test's Python reads.
#pragma once

#include <ATen/ATen.h>

#include <filesystem>

#include "io/npy.h"

namespace kuchi::test {

inline void write_npy(const std::filesystem::path& file, const at::Tensor& x) {  // float32
  const auto values = x.contiguous();
  io::write_npy(file, values.sizes().vec(),
                {values.const_data_ptr<float>(), static_cast<size_t>(values.numel())});
}

}  // namespace kuchi::test
