// src/train/health.h
#pragma once

#include <ATen/core/Tensor.h>

#include <string>
#include <vector>

#include "train/batch.h"
#include "train/checkpoint.h"
#include "train/options.h"

namespace kuchi::train {

/// What an update came to, before it is made.
struct UpdateRecord {
  int64_t step = 0, epoch = 0;
  std::vector<std::vector<data::Segment>> batches;  // this process's own
  Counts counts;                                    // of all processes, as all below
  std::vector<double> divisors;                     // [terms]
  /// [terms + 2] float64, on the device: loss × frames, each term's sum, the gradient's norm.
  at::Tensor numbers;
};

/// An update that was left out, and why.
struct Skipped {
  UpdateRecord update;
  int64_t in_a_row = 1;  // it and those left out right before it
  double loss = 0, norm = 0, error = 0, limit = 0;
  bool is_finite() const;
  /// "its error of 0.31 is over the limit of 0.05 …", "its loss is not finite".
  std::string why() const;
};

/// The updates since the last time.
struct Settled {
  int64_t made = 0;
  double loss = 0;  // mean over the frames of those that were made
  double norm = 0;  // their largest
  std::vector<Skipped> skipped;
  int64_t updates() const { return made + static_cast<int64_t>(skipped.size()); }
};

/// Which updates may be made: those whose loss and gradient are finite and whose error has not run
/// away. The others touch neither weights nor moments nor averages nor the epoch's sums. The error
/// is the mean of the loss's first term, which no schedule changes; it has run away where it is
/// over train.runaway times the median of the last 64 updates that were made, and over the largest
/// of the training's first 64: a hard clip was as hard then.
class Health {
 public:
  Health(const Options& options, std::vector<std::string> terms)
      : options_(options), terms_(std::move(terms)) {}

  /// Whether the update must be left out: a scalar on the device of its numbers, 1 or 0 as float.
  /// Does not wait for the device; of the errors it knows those that settle() has seen.
  at::Tensor skip(const State& state, UpdateRecord update);
  /// Takes the updates since the last time into the state: sums of those made, counts of the
  /// others. Waits for the device, once.
  Settled settle(State& state);

 private:
  struct Waiting {
    UpdateRecord update;
    at::Tensor skip;
    double limit = 0;
  };
  void take(const Waiting& waiting, const double* numbers, State& state, Settled& out) const;

  const Options& options_;
  std::vector<std::string> terms_;
  std::vector<Waiting> waiting_;
};

/// The error from which an update has run away; infinite while there are too few to say.
double runaway_limit(const Options& options, const State& state);

}  // namespace kuchi::train
