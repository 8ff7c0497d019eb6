// src/eval/lips.h
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace kuchi::eval {

/// Aperture under which lips count as closed where the rig does not say: 10 % of the 95th
/// percentile of the target's aperture in the clip. aperture [frames], not empty.
double closed_threshold(std::span<const float> aperture);

/// Middles of the runs of frames with aperture < threshold, in frames (may end in .5), rising.
std::vector<double> closures(std::span<const float> aperture, double threshold);

/// Pairs of indices (into predicted, into target), one to one, nearest first, no further apart
/// than within_frames. Of equally near pairs the earlier one goes first.
std::vector<std::pair<size_t, size_t>> match_nearest(std::span<const double> predicted,
                                                     std::span<const double> target,
                                                     double within_frames);

/// How late the prediction is, in frames: the lag of the largest normalised cross-correlation of
/// the two velocities (sums over the overlap, divided by the roots of both energies there),
/// within ±max_lag frames, with a parabola through the peak and its neighbours.
/// Nothing where a series never moves or is shorter than twice the longest lag.
std::optional<double> velocity_lag(std::span<const float> prediction, std::span<const float> target,
                                   int64_t max_lag);

}  // namespace kuchi::eval
