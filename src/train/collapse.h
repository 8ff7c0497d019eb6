// src/train/collapse.h
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "curves/rig.h"
#include "data/store.h"
#include "train/checkpoint.h"
#include "train/clips.h"

namespace kuchi::train {

/// Under this std_ratio (the predictions' standard deviation over the targets', mean over moving
/// curves) a model says nearly the same mouth whatever it hears.
inline constexpr double kCollapsed = 0.2;

/// Takes note of an epoch's std_ratio; true where it is time to tell: after three epochs in a row
/// under kCollapsed, and at the end of the training while it is so. Epochs that end before the
/// training's 100th update do not count.
bool has_collapsed(State& state, std::optional<double> std_ratio, bool at_the_end);

/// UserError (data) with clip and frame where features, audio or curves of the pieces are not
/// finite; curves that a clip lacks are not looked at.
void refuse_broken(const Clips& clips, const data::StoreInfo& store,
                   const std::vector<data::Piece>& pieces);

/// UserError (config) where no clip of the training part has one of the store's curves.
void refuse_unseen(const eval::Reference& curves, const data::StoreInfo& store);

/// What does not move over the training part, and so says or asks nothing.
struct Constants {
  std::vector<int64_t> features;    // of `dim` values of a frame
  std::vector<std::string> curves;  // by name
  int64_t dim = 0, curve_count = 0;
  /// A line for each kind of which there are any.
  std::vector<std::string> lines() const;
};
/// Features are constant where their standard deviation is at features::Moments' floor, curves
/// where they do not move by the metrics' rule (eval::kMoves).
Constants constants(const PieceStatistics& statistics, const curves::Rig& rig);

}  // namespace kuchi::train
