// src/train/board.h
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>

#include "curves/rig.h"
#include "eval/clip.h"
#include "io/event_file.h"
#include "models/model.h"

namespace kuchi::train {

/// A training as TensorBoard shows it: RUN/tb/, a file a session. Scalars of what events.jsonl says
/// of an epoch, and of every twentieth update; histograms of weights and gradients, and curves of
/// one validation clip as pictures, an epoch.
class Board {
 public:
  /// from_step: the first that this session will make; what a killed one wrote from there on is
  /// dropped by TensorBoard.
  Board(const std::filesystem::path& run, int64_t from_step);

  /// Of so many updates up to this step: their mean loss and largest norm. Writes the mean since
  /// the last time where it is the turn.
  void update(int64_t step, int64_t updates, double loss, double gradient_norm, double lr);
  void epoch(const nlohmann::json& event);
  void histograms(int64_t step, const models::Model& model);
  /// The prediction (orange) over the target (blue) of the curves that move most in the target,
  /// over the clip's first 8 s.
  void curves(int64_t step, const eval::ClipResult& clip, const curves::Rig& rig);

 private:
  io::EventFile file_;
  double loss_sum_ = 0;
  int64_t updates_ = 0;
};

/// 64 equal parts from the least to the largest value; those that are not finite do not count.
io::Histogram histogram_of(const at::Tensor& values);

/// One curve: target and prediction over the frames, from the curve's low to its high.
io::Picture curve_picture(const eval::ClipResult& clip, int64_t curve, double low, double high);

}  // namespace kuchi::train
