// src/train/loss.h
#pragma once

#include <ATen/core/Tensor.h>

#include <string>
#include <vector>

#include "curves/rig.h"
#include "train/loss_terms.h"

namespace kuchi::train {

/// What a batch adds to the loss of an update.
struct LossValue {
  at::Tensor total;  // scalar, with gradient; those of an update's batches add up to its loss
  at::Tensor sums;   // [terms] float64, without gradient: each term's own sum, no weight on it
};

/// The configured sum of terms:  Σ weight · factor · sum / count.
class Loss {
 public:
  /// UserError (config) for a weight of a curve that the rig has not, a schedule of a term that
  /// there is not, or lip closure with a rig that has no aperture; `at` says where it stood.
  Loss(const LossOptions& options, const curves::Rig& rig, double fps, const Location& at);

  /// Every term's sum over this batch divided by the counts of a whole update, which may be
  /// several batches (or devices): adding the results of its batches gives the mean over the
  /// update. `share` is how much of the training is done, 0 … 1, for loss.schedule.
  LossValue operator()(const at::Tensor& pred, const Batch& batch, const Counts& update,
                       double share) const;

  /// The terms that were asked for, in the order of LossValue::sums; and what each of them divides
  /// by, frames (or neighbours) × curves that clips have.
  std::vector<std::string> names() const;
  std::vector<double> divisors(const Counts& counts) const;

  void to(at::Device device);

 private:
  LossOptions options_;
  std::vector<LossTerm> terms_;
  LossContext context_;
  int64_t curves_;
};

/// What loss.schedule makes of a term's weight: 0 … 1, in a line from the first share of the
/// training to the second; falling where the first is the larger.
double schedule_factor(const LossOptions& options, const std::string& term, double share);

}  // namespace kuchi::train
