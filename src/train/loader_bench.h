// src/train/loader_bench.h
#pragma once

#include <cstdint>
#include <vector>

#include "train/experiment.h"

namespace kuchi::train {

/// How fast the batches of a configuration are made, its augmentation included, and how long a
/// consumer that takes step_ms over each batch waits for them.
struct LoaderBench {
  std::vector<int64_t> workers = {1, 2, 4};
  int64_t epochs = 3;  // each; medians count
  /// The consumer sleeps through its step, as one does whose GPU works; 0: takes batches as they
  /// come.
  double step_ms = 0;

  struct Row {
    int64_t workers = 0;
    double batches_per_s = 0, frames_per_s = 0;
    double waiting = 0;  // share of the epoch
  };
  std::vector<Row> rows;
  int64_t batches = 0, frames = 0;  // of the last epoch
  double padding = 0;               // share of its padded frames that are none
};

/// UserError as for a training of that configuration.
void measure_loader(Experiment& experiment, const Location& config_at, LoaderBench& bench);

}  // namespace kuchi::train
