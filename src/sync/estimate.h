#pragma once

#include <optional>
#include <vector>

#include "core/matrix.h"
#include "curves/track.h"

namespace kuchi::sync {

/// A piece of a clip: how late its sound is, and how alike sound and lips are there.
struct WindowLag {
  double middle_s = 0;
  double lag_ms = 0;
  double strength = 0;  // correlation; under kWeak the lag says nothing
};
inline constexpr double kWeak = 0.15;

/// How late a clip's audio is against its curves. Nature is in it: lips begin before their sound.
struct Estimate {
  double lag_ms = 0;      // in the middle of the clip; positive: the audio is late
  double confidence = 0;  // 0 … 1: that the lag is right within a frame of 30 fps
  /// Lag that is added in a second, times 1e6; positive: the curves' times are too short, as of
  /// rows at 59.904/s that claim 60 (1601 ppm). Nothing for clips under kShortestDrift_s.
  std::optional<double> drift_ppm;
  double drift_error_ppm = 0;  // standard error
  double seconds = 0;          // of what was compared
  std::vector<WindowLag> windows;
  std::vector<double> lags_ms, correlation;  // multiple correlation at each lag, for pictures

  /// Lag at a time of the clip, with its drift.
  double lag_ms_at(double time_s) const;
};
inline constexpr double kShortestDrift_s = 60;

/// The largest multiple correlation of the lips with the sound's bands over all lags within
/// ±500 ms (in the middle, or, with a drift, at the begin) and drifts within ±2500 ppm (profile.h),
/// found on a grid and made finer; then, where the clip is long enough, a straight line through the
/// lags of its windows around that, by reweighted least squares (Tukey's biweight: a window of
/// laughter or of another speaker does not count).
///
/// confidence: the share of the likelihood (1 - r2)^(-n/2), over all lags at that drift and over
/// "these two have nothing to do with each other" (of a likelihood that two clips of different
/// speech reach), that lies within 33 ms of the answer, give or take what lags of short pieces
/// scatter; then brought to the share of right answers by a logistic curve. n is 8 a second. The
/// five numbers were fitted on pieces of 1.5 to 20 s, a fifth of them mismatched: of answers with a
/// confidence of c a share of c is right (experiments/sync).
///
/// log_mel: features::log_mel() of the clip's audio. track: on the rig. Both begin at 0.
/// Nothing where it cannot be said at all: under a second and a half, a rig without aperture,
/// silence, lips that never move.
std::optional<Estimate> estimate(const Matrix& log_mel, const curves::Track& track,
                                 const curves::Rig& rig);

}  // namespace kuchi::sync
