// src/train/watch.h
#pragma once

#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>

#include "train/board.h"
#include "train/epoch_table.h"
#include "train/options.h"
#include "train/stopwatch.h"

namespace kuchi::train {

/// What a training shows of itself while it goes on: events.jsonl, TensorBoard's files, a line an
/// epoch on the screen, and where its time goes. Writes only where `leads`.
class Watch {
 public:
  Watch(std::filesystem::path run, const Options& options, double fps, at::Device device,
        bool leads);

  /// Training goes on from this step.
  void begin(int64_t step);
  Stopwatch& clock() { return clock_; }
  /// Numbers of so many updates up to this step: mean loss, largest norm.
  void update(int64_t step, int64_t updates, double loss, double gradient_norm, double lr);
  /// A validation clip, to be drawn.
  void curves(int64_t step, const eval::ClipResult& clip, const curves::Rig& rig);
  /// The end of an epoch: adds "timing" to the event, and writes and shows it.
  void epoch(nlohmann::json event, const models::Model& model);

 private:
  std::filesystem::path run_;
  const Options& options_;
  double fps_;
  at::Device device_;
  bool leads_;
  Stopwatch clock_;
  EpochTable table_;
  std::unique_ptr<Board> board_;
};

}  // namespace kuchi::train
