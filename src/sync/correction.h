#pragma once

#include <optional>
#include <span>
#include <vector>

#include "curves/track.h"
#include "sync/estimate.h"
#include "sync/options.h"

namespace kuchi::sync {

/// How the times of a clip's curves are changed: t → t + shift_ms / 1000 + slope_ppm / 1e6 · t.
struct Correction {
  double shift_ms = 0;
  double slope_ppm = 0;
  bool none() const { return shift_ms == 0 && slope_ppm == 0; }
};

/// The lag that is usual in a set: the median of the clips of which at least half is sure (of all
/// where there is none). Nothing of no clip. It is nature and habit, not an error.
std::optional<double> usual_lag_ms(std::span<const std::optional<Estimate>> clips);

/// What a clip's curves need, so that it is like its set:
///   deviation  what its lag differs from the usual one, if over_ms is passed
///   drift      its slope, if it adds over_ms by the end and is over three of its standard errors;
///              without `deviation` around the clip's begin, where both start together
/// Nothing for clips under the confidence asked for.
Correction correction_of(const Estimate& clip, double usual_ms, const Options& options);

/// Times moved; the track no longer begins at 0.
void apply(const Correction& correction, curves::Track& track);

}  // namespace kuchi::sync
