// src/train/marks.h
#pragma once

#include <span>
#include <vector>

#include "curves/rig.h"
#include "data/batches.h"
#include "data/store.h"
#include "train/batch.h"
#include "train/options.h"

namespace kuchi::train {

/// Which frames the loss terms single out, as the metrics define them (eval/lips.h, silence.h):
/// those whose target lips are closed, and those where the clip's audio is silent.
class Marks {
 public:
  /// Reads what the terms with a weight need, of the clips that the training pieces touch.
  Marks(const data::Store& store, const std::vector<data::Piece>& pieces, const LossOptions& loss);

  /// Marks a sample of a segment; or of any places of a clip, counted in frames.
  /// Lips go by the sample's own targets, so that they are true after augmentation, and by the
  /// threshold of the clip (a sample that lacks a curve of the aperture has none closed, and is
  /// lipless); silence by the clip's recorded audio, whatever noise was added since.
  void mark(Sample& sample, const data::Segment& segment) const;
  void mark(Sample& sample, int64_t clip, std::span<const double> places) const;

 private:
  struct Clip {
    double closed_below = 0;   // aperture
    bool lipless = false;      // a curve of the aperture is lacking: nothing says when it closes
    std::vector<bool> silent;  // [frames]
  };
  void mark_lips(Sample& sample, const Clip& clip) const;
  bool lacks_lips(const Sample& sample) const;

  curves::Rig rig_;
  bool lips_, silence_;
  std::vector<size_t> aperture_;  // columns of its curves
  std::vector<Clip> clips_;       // by the store's index
};

/// Silent frames without those at most `margin` frames from one with speech; a clip's
/// ends are none.
std::vector<bool> away_from_speech(const std::vector<bool>& silent, int64_t margin);

}  // namespace kuchi::train
