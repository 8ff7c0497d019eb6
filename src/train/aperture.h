// src/train/aperture.h
#pragma once

#include <ATen/core/Tensor.h>

#include <vector>

#include "curves/rig.h"

namespace kuchi::train {

/// A rig's lip opening as a function that has a gradient.
class Aperture {
 public:
  explicit Aperture(const curves::Rig& rig);

  /// values [..., curves], in curve units → [...]. A limit around the whole formula (clamp(x, 0, 1)
  /// or max(0, x) with numbers) is left out: what is closed beyond closed has a way back.
  at::Tensor operator()(const at::Tensor& values) const;

 private:
  std::vector<curves::ExpressionStep> steps_;  // push_name counts curves of the rig
};

}  // namespace kuchi::train
