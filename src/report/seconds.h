#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "core/matrix.h"
#include "curves/rig.h"

namespace kuchi::report {

/// A second of a clip and how far a prediction is off in it.
struct Second {
  size_t clip = 0;
  double begin_s = 0;  // from the first frame of the matrices
  double error = 0;    // root mean square over frames and curves, as a share of each range;
                       //   a curve whose target is NaN, which the clip lacks, is not counted
  std::vector<int64_t> curves;  // the curves with the largest share in it, at most three
};

/// Cuts a clip into seconds from its first frame on; a rest of under half a second is left out,
/// unless it is all there is. target, prediction [frames, rig.size()].
std::vector<Second> seconds_of(size_t clip, const curves::Rig& rig, const Matrix& target,
                               const Matrix& prediction, double fps);

inline constexpr size_t kWorstShown = 12;  // on a page

/// The `count` worst, worst first; of equals the earlier clip and time.
std::vector<Second> worst_seconds(std::vector<Second> all, size_t count);

}  // namespace kuchi::report
