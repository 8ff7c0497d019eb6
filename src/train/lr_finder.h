// src/train/lr_finder.h
#pragma once

#include <optional>
#include <vector>

#include "train/experiment.h"

namespace kuchi::train {

/// How train.lr is looked for (Smith, WACV 2017): one update a rate, the rates a geometric series.
struct SweepOptions {
  double from = 1e-6, to = 1;
  int64_t steps = 100;
};

struct SweepPoint {
  double lr = 0;
  double loss = 0;    // of the same few batches every time, after a step at this rate
  double smooth = 0;  // exponential mean of the losses so far
};

struct Sweep {
  std::vector<SweepPoint> points;    // rates rise; ends early where the loss runs away
  bool ran_away = false;             // else even the largest rate was none too large
  std::optional<double> steepest;    // rate at which the smooth loss falls fastest
  std::optional<double> suggestion;  // for train.lr; none where the loss never fell
};

/// Rates of a sweep, [steps], from and to included.
std::vector<double> sweep_rates(const SweepOptions& options);

/// Gathers losses as they come: smooths them, and says when they have run away (not finite, or
/// the smooth loss a quarter above the first one).
class SweepRecord {
 public:
  /// False where the sweep should end.
  bool add(double lr, double loss);
  /// The suggestion is a tenth of the rate with the least smooth loss.
  Sweep finish() const;

 private:
  Sweep sweep_;
  double mean_ = 0;  // before its correction
};

/// Trains on the experiment's data with its own batches, loss and optimiser from its own start,
/// whatever train.schedule says. Nothing is written but the cache. UserError as train().
Sweep find_lr(Experiment& experiment, const SweepOptions& options, const Location& config_at);

}  // namespace kuchi::train
