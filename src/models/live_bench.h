// src/models/live_bench.h
#pragma once

#include <cstdint>
#include <memory>

#include "models/model.h"

namespace kuchi::models {

/// What a frame costs in live use: from the sample that completes it to its curves, log-mel,
/// normalisation and head together, on one thread.
struct LiveTimes {
  double p50_ms = 0, p99_ms = 0, max_ms = 0;
  int64_t frames = 0;  // timed
};
/// Noise in pieces of one frame each, after some to warm up. The model is on the CPU, in evaluation
/// mode; frames > 0.
LiveTimes measure_live(Model& model, int64_t frames, LiveWeights weights);

/// The head `lstm` at its published size with random weights: log-mel in, 52 curves at 30 fps.
std::shared_ptr<Model> full_size_lstm();

}  // namespace kuchi::models
