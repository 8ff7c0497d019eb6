// src/train/trainer.h
#pragma once

#include <filesystem>
#include <memory>

#include "train/experiment.h"
#include "train/run.h"

namespace kuchi::train {

/// How a training ended.
struct Outcome {
  int64_t steps = 0, epochs = 0;
  std::optional<double> best;  // of the monitored metric
  bool stopped_early = false;
  double seconds = 0;
  bool leads = true;  // false on all processes of a team but one: the rest is that one's to do
  std::vector<std::string> encoders;  // where the encoder lies that the model stands on, if it does
};

/// Trains into a new run folder. UserError: configuration, data, divergence, environment,
/// interruption (after a checkpoint was written).
Outcome train(Experiment& experiment, const std::filesystem::path& run, const RunHeader& header,
              bool force, const Location& config_at);

class Session;
/// A training from the start, on the store that the configuration names; nothing is written yet.
std::unique_ptr<Session> open_session(Experiment& experiment, const std::filesystem::path& run,
                                      const Location& config_at);

/// Goes on from the last whole checkpoint; on the CPU, with the same number of threads, to
/// bit-identical weights. `overrides` may prolong it, e.g. train.max_epochs=N.
Outcome resume(const std::filesystem::path& run, const std::vector<std::string>& overrides);

}  // namespace kuchi::train
