#include "models/mean.h"

#include <ATen/ATen.h>

namespace kuchi::models {

MeanHead::MeanHead(const Shape& shape)
    : mean_(register_buffer("mean", at::zeros({shape.size()}))),
      sum_(at::zeros({shape.size()}, at::kDouble)),
      frames_(at::zeros({shape.size()}, at::kDouble)) {}

at::Tensor MeanHead::forward(const at::Tensor& features, const at::Tensor&) {
  return mean_.expand({features.size(0), features.size(1), mean_.size(0)});
}

void MeanHead::observe(const at::Tensor&, const at::Tensor& targets) {
  const auto y = targets.to(at::kCPU, at::kDouble);
  const auto lacks = at::isnan(y);
  sum_ += y.masked_fill(lacks, 0).sum(0);
  frames_ += lacks.logical_not().sum(0);
}

void MeanHead::solve() { mean_.copy_(sum_ / frames_); }

}  // namespace kuchi::models
