#include "edge/matrix_tensor.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <stdexcept>

namespace kuchi::edge {

at::Tensor to_tensor(std::span<const float> values, at::IntArrayRef shape) {
  auto out = at::empty(shape, at::kFloat);
  if (out.numel() != static_cast<int64_t>(values.size())) {
    throw std::logic_error("to_tensor: as many values as the shape has");
  }
  std::copy(values.begin(), values.end(), out.mutable_data_ptr<float>());
  return out;
}

Matrix to_matrix(const at::Tensor& tensor) {
  const auto values = tensor.to(at::kCPU, at::kFloat).contiguous();
  Matrix out(values.size(0), values.size(1));
  std::copy_n(values.const_data_ptr<float>(), out.data.size(), out.data.begin());
  return out;
}

}  // namespace kuchi::edge
