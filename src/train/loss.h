// src/train/loss.h
#pragma once

#include <ATen/core/Tensor.h>

#include <string>
#include <vector>

#include "train/batch.h"
#include "train/options.h"

namespace kuchi::train {

/// A loss before its division: sums of batches and devices add, then one division by the count.
struct LossSum {
  at::Tensor sum;    // scalar, with gradient
  double count = 0;  // frames (or pairs) × curves
};

/// Squared error.  sum over valid frames, curves of w[c] (p - y)^2
/// pred, target [batch, frames, curves]; valid [batch, frames] bool; weights [curves] or undefined
LossSum mse_loss(const at::Tensor& pred, const Batch& batch, const at::Tensor& weights);

/// Huber's loss (1964): d^2 for |d| <= delta, delta (2 |d| - delta) beyond, so that near zero it
/// is the squared error itself.
LossSum huber_loss(const at::Tensor& pred, const Batch& batch, const at::Tensor& weights,
                   double delta);

/// Squared error of velocity:  sum over frame pairs of (fps ((p[t]-p[t-1]) - (y[t]-y[t-1])))^2
/// in curve^2/s^2; a pair counts if both its frames are valid.
/// Source: velocity term of VOCA, Cudeiro et al., CVPR 2019.
LossSum velocity_loss(const at::Tensor& pred, const Batch& batch, const at::Tensor& weights,
                      double fps);

/// The configured sum of terms.
class Loss {
 public:
  /// UserError (config) for a weight of a curve that the rig has not; `at` says where it stood.
  Loss(const LossOptions& options, const std::vector<std::string>& curves, double fps,
       const Location& at);

  /// Every term's sum over this batch divided by the counts of a whole update, which may be
  /// several batches: adding the results of its batches gives the mean over the update.
  at::Tensor operator()(const at::Tensor& pred, const Batch& batch, int64_t update_frames,
                        int64_t update_pairs) const;

  void to(at::Device device);

 private:
  LossOptions options_;
  double fps_;
  at::Tensor weights_;  // [curves]; undefined where all are 1
};

}  // namespace kuchi::train
