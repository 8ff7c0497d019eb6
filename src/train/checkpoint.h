// src/train/checkpoint.h
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "edge/tensor_file.h"
#include "train/schedule.h"

namespace kuchi::train {

/// Where a training stands, all but the tensors; readable as state.json.
struct State {
  int64_t step = 0;     // updates done
  int64_t epoch = 0;    // epoch under way, from 0
  int64_t batch = 0;    // batches of it consumed
  double loss_sum = 0;  // over the epoch's frames so far: sum of loss × frames
  int64_t loss_frames = 0;
  struct Term {
    double sum = 0, count = 0;
  };
  std::map<std::string, Term> terms;  // of the loss, over the epoch so far
  std::optional<double> best;         // the monitored metric's best value
  int64_t best_step = -1;
  int64_t bad_epochs = 0;  // epochs since
  Plateau plateau;
  double seconds = 0;  // of training so far
  bool finished = false;
  // What Health and CollapseWatch go by.
  int64_t skipped = 0,
          skipped_in_a_row = 0;  // updates left out: of the epoch so far, and at its end
  std::vector<double> errors;    // of the last updates, oldest first
  double first_errors = 0;       // largest of the first ones
  int64_t still_epochs = 0;      // in a row whose predictions hardly moved
  int64_t batches_a_step = 0;    // grad_accumulation × processes; 0: written before this was
};
nlohmann::json to_json(const State& state);
State state_from_json(const nlohmann::json& json, const std::filesystem::path& file);

/// A checkpoint on disk: <run>/checkpoints/<step>/{model,optimizer}.safetensors, state.json, DONE.
/// Written under another name, synced, renamed; DONE comes last, and what has none is no
/// checkpoint.
struct CheckpointTensors {
  edge::NamedTensors model;      // what one predicts with: the average, where there is one
  edge::NamedTensors optimizer;  // moments, and the raw weights where model holds the average
  std::map<std::string, std::string> metadata;
};
std::filesystem::path write_checkpoint(const std::filesystem::path& run, const State& state,
                                       const CheckpointTensors& tensors);

/// Whole checkpoints of a run, by step, rising.
std::vector<std::pair<int64_t, std::filesystem::path>> list_checkpoints(
    const std::filesystem::path& run);

/// "best", "last" or a step → directory; UserError (data) if there is none, saying which are.
std::filesystem::path find_checkpoint(const std::filesystem::path& run, const std::string& which);

State read_state(const std::filesystem::path& checkpoint);

/// Points run/name (a symbolic link) at a checkpoint, by rename.
void link_checkpoint(const std::filesystem::path& run, const std::string& name,
                     const std::filesystem::path& checkpoint);

/// Removes all but the newest `keep`, the one of best_step, and what links point at; leftovers
/// of killed writes go too.
void prune_checkpoints(const std::filesystem::path& run, int64_t keep, int64_t best_step);

}  // namespace kuchi::train
