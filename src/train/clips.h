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
#include "train/batch.h"

namespace kuchi::train {

/// What is kept of clips beside their curves.
enum class Keep {
  features,
  features_at_any_time,  // for features_at() too
  features_and_audio,    // for changes to audio, from which features are computed anew
  audio,                 // instead of features, for a model that hears it
};

/// Features (or audio, or both) and curves of a store's clips, in memory: an hour is 100 MB of
/// log-mel in stacks of three at 30 fps, and 230 MB of audio. They are read once, by the thread
/// that owns the store's HDF5 handles; the loader's threads only ever see this memory.
class Clips {
 public:
  /// Reads the clips that the pieces touch. Where `features` are not what the store holds, they
  /// are computed anew from its audio; what a model hears is never left to chance.
  Clips(const data::Store& store, const features::Options& features,
        const std::vector<data::Piece>& pieces, Keep keep = Keep::features);

  /// What a model hears of a segment, and its curves.
  Sample sample(const data::Segment& segment) const;
  Matrix features(const data::Segment& segment) const;  // [frames, dim]; dim 0 of kept audio
  Matrix curves(const data::Segment& segment) const;    // [frames, curves]
  /// The samples from frame begin's time to frame end's, 16 kHz; at the end of a clip all there
  /// are, as when the clip stands alone.
  std::vector<float> audio(const data::Segment& segment) const;
  /// All of a clip that was kept with its audio.
  const std::vector<float>& audio(int64_t clip) const;
  int64_t frames(int64_t clip) const;  // of its curves
  /// Which of the rig's curves a clip has, [curves]; empty: all. The others are NaN.
  const std::vector<bool>& captured(int64_t clip) const;

  /// Features and curves at any places of a clip, counted in frames; between frames the curves
  /// go in straight lines.
  Matrix features_at(int64_t clip, std::span<const double> places) const;
  Matrix curves_at(int64_t clip, std::span<const double> places) const;

 private:
  struct Clip {
    Matrix features, curves;
    Matrix base;               // frames on the feature's own clock, for features_at
    std::vector<float> audio;  // 16 kHz
    std::vector<bool> captured;
  };
  features::Options options_;
  double fps_, lag_s_;  // features of kept base frames are so much later than their curves
  Keep keep_;
  std::vector<Clip> clips_;  // by the store's index; empty where no piece touches
};

/// Rows begin … end-1.
Matrix rows_between(const Matrix& all, int64_t begin, int64_t end);

/// Rows at any places, counted in rows, in straight lines; the ends hold.
Matrix rows_at(const Matrix& rows, std::span<const double> places);

/// Moments of the features over pieces, and of each curve over those that have it.
struct PieceStatistics {
  features::Moments features;
  eval::Reference curves;
};
PieceStatistics statistics(const Clips& clips, const std::vector<data::Piece>& pieces);

}  // namespace kuchi::train
