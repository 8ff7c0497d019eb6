// src/models/range_output.h
#pragma once

#include <torch/nn/module.h>

#include "models/head.h"

namespace kuchi::models {

/// The last step of a head: each curve's value is brought into its range, curve by curve.
///
///   [0, 1] → sigmoid(x);   [-1, 1] → tanh(x) = 2 sigmoid(2 x) - 1;
///   any other [low, high] → low + (high - low) sigmoid(x)
///
/// All are low + span * sigmoid(gain * x), so one kernel serves every rig.
class RangeOutput : public torch::nn::Module {
 public:
  explicit RangeOutput(const std::vector<Range>& ranges);
  /// x [..., curves] → [..., curves] in curve units
  at::Tensor forward(const at::Tensor& x) const;
  onnx::Value emit(onnx::Graph& graph, const onnx::Value& x) const;
  /// The x that gives these values, kept off the ends of the range.
  at::Tensor inverse(const at::Tensor& values) const;
  int64_t curves() const;

 private:
  bool plain_ = true;             // every range is [0, 1]
  at::Tensor low_, span_, gain_;  // [curves]; constants of the rig, not saved
};

}  // namespace kuchi::models
