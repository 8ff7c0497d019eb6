// src/train/optimizer.h
#pragma once

#include <ATen/core/Tensor.h>

#include <string>
#include <vector>

#include "edge/tensor_file.h"
#include "models/model.h"
#include "train/options.h"

namespace kuchi::train {

/// AdamW (Loshchilov & Hutter, ICLR 2019) through LibTorch's fused operator, moments keyed by
/// parameter name. Decay and learning rate as the head's treatment() says; what takes no gradient
/// is not there.
class AdamW {
 public:
  AdamW(models::Model& model, const Options& options);

  void zero_grad();
  /// Scales the gradients so that their norm over all parameters is at most max_norm (0: leaves
  /// them); returns the norm before. Does not wait for the device.
  at::Tensor clip(double max_norm);
  void step(double lr);

  /// "exp_avg/NAME", "exp_avg_sq/NAME", "steps".
  edge::NamedTensors state() const;

 private:
  struct Group {
    models::Treatment treatment;
    std::vector<std::string> names;
    std::vector<at::Tensor> parameters, means, squares, steps;
  };
  Group& group_of(const models::Treatment& treatment);

  Options options_;
  std::vector<Group> groups_;
};

/// Exponential moving average of all that learns:  a ← decay a + (1 - decay) w.  Early on the
/// decay is min(decay, (1 + n) / (10 + n)) after n updates, so that the start is forgotten.
class WeightAverage {
 public:
  WeightAverage(models::Model& model, double decay);
  void update(int64_t updates_done);
  /// Swaps the model's weights and the average, in place; twice is nothing.
  void swap();
  edge::NamedTensors state() const;  // "average/NAME"

 private:
  double decay_;
  std::vector<std::string> names_;
  std::vector<at::Tensor> parameters_, averages_;
};

}  // namespace kuchi::train
