#pragma once

#include <string>
#include <vector>

#include "curves/rig.h"
#include "quality/finding.h"
#include "quality/fingerprint.h"
#include "quality/measure.h"

namespace kuchi::quality {

/// What is wrong or odd in one clip by itself.
std::vector<Finding> findings_of(const Facts& facts, const curves::Rig& rig, const Limits& limits);

/// What shows only beside the other clips: a curve that is still here and moves elsewhere, or moves
/// nowhere, and clips unlike the others. Sets Facts::odd.
///   odd: of each curve's mean and deviation, as shares of its range, the distance from the set's
///   median in its spreads (1.4826 MAD, at least 0.02); their root mean square is compared with
///   the other clips' in the same way.
std::vector<Finding> findings_of_set(std::vector<Facts>& clips, const curves::Rig& rig,
                                     const Limits& limits);

/// Clips that hold the same thing, as findings: errors where they are in different splits. A pair
/// whose sound and curves are both the same is told once.
std::vector<Finding> findings_of_same(const std::vector<Facts>& clips,
                                      const std::vector<Same>& sounds,
                                      const std::vector<Same>& curves);

}  // namespace kuchi::quality
