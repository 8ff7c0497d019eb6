#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "study/ledger.h"
#include "study/plan.h"

namespace kuchi::study {

struct RunOptions {
  std::filesystem::path dir;
  int64_t jobs = 1;               // trainings at once
  std::vector<std::string> gpus;  // for CUDA_VISIBLE_DEVICES, job i takes i mod size; may be empty
  std::vector<std::string> plugins;  // --plugin of each training
  bool retry = false;                // what failed before is tried again
};

/// Where a training lies: dir/trials/ID, its configuration dir/trials/ID.yaml, what it said
/// dir/logs/ID.txt.
std::filesystem::path run_of(const std::filesystem::path& dir, const std::string& id);

/// True if the training's result is there.
bool is_measured(const std::filesystem::path& dir, const std::string& id);

/// Runs what is not done yet, each as a process of this program, and records how each ended. One
/// that was stopped goes on from its last checkpoint. A training that fails is recorded and the
/// rest go on. Interrupted: the trainings save and end, then UserError (interrupted) says how far
/// it got. Trials with the same id are one training.
void run_trials(const std::vector<Trial>& trials, const std::vector<Setting>& settings,
                const RunOptions& options, Ledger& ledger);

/// Seconds that what is left will take, from what has run; nothing where nothing has.
std::optional<double> seconds_left(const std::vector<Trial>& trials, const Ledger& ledger,
                                   int64_t jobs);

}  // namespace kuchi::study
