#pragma once

#include <cstdint>
#include <vector>

#include "core/matrix.h"
#include "curves/track.h"

namespace kuchi::sync {

inline constexpr double kRate_hz = 50;  // of what is compared
inline constexpr int64_t kBands = 8;

/// What the speech does: its log power in 8 groups of mel bands, [frames, kBands] at kRate_hz,
/// without what is slower than a syllable or faster than lips (kSlow_s, kFast_s, Gaussians, so that
/// nothing moves in time). Power 50 dB under the clip's loud frames counts as silence.
/// log_mel [rows, 80] of features::log_mel(), 100 rows/s.
MatrixOf<double> heard(const Matrix& log_mel);

/// What the lips do: the rig's aperture by time, [frames] at kRate_hz, band-passed alike.
/// `track` is on the rig. Frame j stands at j / kRate_hz; ends are held.
std::vector<double> seen(const curves::Track& track, const curves::Rig& rig, int64_t frames);

inline constexpr double kSlow_s = 0.3, kFast_s = 0.03;  // standard deviations

}  // namespace kuchi::sync
