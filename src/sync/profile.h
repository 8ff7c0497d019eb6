#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "core/matrix.h"
#include "sync/signals.h"

namespace kuchi::sync {

inline constexpr double kLongest_s = 0.5;          // lags are sought to both sides
inline constexpr double kLargestDrift_ppm = 2500;  // 59.904 for 60 is 1600
inline constexpr double kWindow_s = 10;

/// A lag that changes: `middle_s` in the middle of the clip, `slope` seconds a second.
struct Line {
  double middle_s = 0, slope = 0;
};

/// How well the bands, taken `lag` later, explain the lips, for any lag and drift of it.
///
///   r2(line) = k' S^-1 k / v,   k = sum over windows of their cross-covariance at the line's lag
///
/// S: covariance of the bands, with a tenth of its mean diagonal added (ridge); v: variance of the
/// lips. It is the squared multiple correlation of the lips with the bands: the map from sound to
/// opening is fitted anew at each lag, of this clip alone, so no speaker, rig or recording level
/// need be known. Cross-covariances are kept by windows of kWindow_s (240 at most), for lags 20 ms
/// apart, and interpolated between (Catmull-Rom; what is compared has no more than some 8 Hz).
class Profile {
 public:
  /// heard [n, kBands], seen [n]; n frames of kRate_hz.
  Profile(const MatrixOf<double>& heard, const std::vector<double>& seen);

  double seconds() const { return seconds_; }
  bool moves() const { return variance_ > 0; }  // else nothing can be said
  int64_t windows() const { return static_cast<int64_t>(middles_s_.size()); }
  double window_middle_s(int64_t window) const { return middles_s_[static_cast<size_t>(window)]; }
  /// How much lag a drift may add at the clip's ends.
  double drift_reach_s() const { return drift_reach_s_; }

  double r2(const Line& line) const;
  /// The map fitted at a line, for strength(): [kBands].
  std::array<double, kBands> map(const Line& line) const;
  /// Correlation within one window of the lips with what a map makes of the bands, at a lag.
  double strength(int64_t window, double lag_s, const std::array<double, kBands>& map) const;
  double lag_at(const Line& line, double time_s) const {
    return line.middle_s + line.slope * (time_s - seconds_ / 2);
  }

 private:
  using Row = std::array<double, kBands>;
  Row cross(int64_t window, double lag_s) const;  // sums, not means
  Row cross(const Line& line) const;              // means, over all windows

  double seconds_ = 0, drift_reach_s_ = 0, variance_ = 0;
  int64_t longest_ = 0;  // lag, in frames
  std::vector<double> middles_s_, window_energy_;
  std::vector<double> sums_;    // [windows, lags, kBands]
  std::vector<double> counts_;  // frames of a window
  std::array<double, kBands * kBands> covariance_{}, inverse_{};
};

}  // namespace kuchi::sync
