// src/curves/mouth_cues.h
#pragma once

#include <string>
#include <vector>

#include "core/matrix.h"

namespace kuchi::curves {

/// How readily a mouth that is drawn in a few shapes changes from one to another.
struct CueOptions {
  int64_t least_frames = 1;  // a shape stays at least so long
  double change = 0;         // what a change must save: squared distance × frames
};

/// The row of shapes, one a frame, whose distances and changes cost least together: the nearest
/// shape with hysteresis. distances [frames, shapes], squared; → [frames]. Fewer frames than
/// least_frames get one shape. Exact (dynamic programming), frames × shapes² steps.
std::vector<int64_t> cheapest_shapes(const MatrixOf<double>& distances, const CueOptions& options);

}  // namespace kuchi::curves
