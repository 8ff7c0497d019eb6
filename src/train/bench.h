// src/train/bench.h
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "train/options.h"

namespace kuchi::train {

/// One training step of the reference BiLSTM (configs/model/bilstm.yaml) on random numbers.
struct StepBench {
  int64_t batch = 16, frames = 200;
  std::vector<int64_t> lengths;  // frames of each clip instead, where given; then batch is theirs
  int64_t dim = 768;             // of the features
  int64_t steps = 7;             // timed, after one to warm up; medians count
  Precision precision = Precision::fp32;

  // What came out, medians in ms.
  double median_ms = 0, forward_ms = 0, backward_ms = 0, update_ms = 0;
  int64_t parameters = 0;
  double operations = 0;  // of the products, a product and a sum are two
  double padding = 0;     // share of the padded batch's frames
  double loss = 0;        // after the last step
  double rate() const { return operations / (median_ms / 1e3); }
};

/// Loss, gradients, clipping and AdamW as in a training, on the CPU, with 52 curves and dropout
/// 0.1.
void measure_step(StepBench& bench);

}  // namespace kuchi::train
