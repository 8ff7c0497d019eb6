// What PyTorch and NumPy say (tests/golden/make_models.py), by name.
#pragma once

#include <ATen/ATen.h>

#include <filesystem>
#include <string>

#include "edge/tensor_file.h"

namespace kuchi::test {

inline std::map<std::string, at::Tensor> golden(const std::string& name) {
  const std::filesystem::path dir = std::filesystem::path(KUCHI_SOURCE_DIR) / "tests/golden/models";
  return edge::load_tensors(dir / (name + ".safetensors")).tensors;
}

/// The largest difference; infinite where the shapes differ.
inline double distance(const at::Tensor& a, const at::Tensor& b) {
  if (a.sizes() != b.sizes()) return 1e300;
  if (a.numel() == 0) return 0;
  const auto d = (a.to(at::kDouble) - b.to(at::kDouble)).abs().max();
  return d.item<double>() == d.item<double>() ? d.item<double>() : 1e300;  // NaN is far
}

}  // namespace kuchi::test
