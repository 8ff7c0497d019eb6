// src/curves/live_resampler.h
#pragma once

#include <cstdint>

#include "core/matrix.h"

namespace kuchi::curves {

/// Frames at j / from_fps that are still coming, brought to j / to_fps in straight lines; after the
/// last, that one. To a higher rate this is resample(), frame for frame; to a lower one resample()
/// filters what the new rate cannot carry, which would cost a live curve 12 new frames of delay,
/// and this does not.
class LiveResampler {
 public:
  LiveResampler(double from_fps, double to_fps, int64_t curves);
  /// The rows that follow [rows, curves] → [frames, curves]; at most `sure` frames in all are given
  /// out: as many as the clip is known to have.
  Matrix push(const Matrix& rows, int64_t sure);
  /// No more will come, and the clip has so many frames in all; none if there was no row.
  Matrix finish(int64_t frames);

 private:
  Matrix frames(int64_t end, bool at_end);

  double from_fps_, to_fps_;
  Matrix rows_;        // those that later frames may need
  int64_t first_ = 0;  // number of the first of them
  int64_t next_ = 0;   // frame
};

}  // namespace kuchi::curves
