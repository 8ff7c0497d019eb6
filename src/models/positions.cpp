#include "models/positions.h"

#include <ATen/ATen.h>

namespace kuchi::models {

at::Tensor frequencies(int64_t dim) {
  return at::pow(10000.0, at::arange(0, dim, 2, at::kDouble) * (-1.0 / static_cast<double>(dim)));
}

at::Tensor sinusoids(const at::Tensor& positions, int64_t width) {
  const auto angles = positions.to(at::kDouble).unsqueeze(1) * frequencies(width);
  return at::stack({angles.sin(), angles.cos()}, 2).flatten(1).to(at::kFloat);
}

at::Tensor Rotation::operator()(const at::Tensor& x) const {
  if (!cos.defined()) return x;
  const auto half = x.chunk(2, -1);
  return at::cat({half[0] * cos - half[1] * sin, half[0] * sin + half[1] * cos}, -1)
      .to(x.scalar_type());
}

Rotation rotation(const at::Tensor& positions, int64_t head_dim, const at::TensorOptions& like) {
  const auto angles = positions.to(at::kDouble).unsqueeze(1) * frequencies(head_dim);
  return {angles.cos().unsqueeze(1).to(like), angles.sin().unsqueeze(1).to(like)};
}

at::Tensor alibi_slopes(int64_t heads) {
  return at::pow(2.0, at::arange(1, heads + 1, at::kDouble) * (-8.0 / static_cast<double>(heads)))
      .to(at::kFloat);
}

}  // namespace kuchi::models
