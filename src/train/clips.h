// src/train/clips.h
#pragma once

#include <span>
#include <vector>

#include "core/matrix.h"
#include "data/batches.h"
#include "data/store.h"
#include "eval/clip.h"
#include "features/features.h"
#include "features/normalise.h"

namespace kuchi::train {

/// Features and curves of a store's clips, in memory: a few hundred MB for ten hours of log-mel.
class Clips {
 public:
  /// Reads the clips that the pieces touch. Where `features` are not what the store holds, they
  /// are computed anew from its audio; what a model hears is never left to chance.
  /// `any_time` keeps what at() needs too.
  Clips(const data::Store& store, const features::Options& features,
        const std::vector<data::Piece>& pieces, bool any_time = false);

  Matrix features(const data::Segment& segment) const;  // [frames, dim]
  Matrix curves(const data::Segment& segment) const;    // [frames, curves]

  /// Features and curves at any places of a clip, counted in frames; between frames the curves
  /// go in straight lines.
  Matrix features_at(int64_t clip, std::span<const double> places) const;
  Matrix curves_at(int64_t clip, std::span<const double> places) const;

 private:
  struct Clip {
    Matrix features, curves;
    Matrix base;  // frames on the feature's own clock, for features_at
  };
  features::Options options_;
  double fps_;
  std::vector<Clip> clips_;  // by the store's index; empty where no piece touches
};

/// Moments of the features and of the curves over pieces.
struct PieceStatistics {
  features::Moments features;
  eval::Reference curves;
};
PieceStatistics statistics(const Clips& clips, const std::vector<data::Piece>& pieces);

}  // namespace kuchi::train
