// src/eval/sums.h
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "eval/clip.h"

namespace kuchi::eval {

/// What every curve metric is made of: sums over the frames of a unit. They add up over units, so
/// a resample of units costs a few additions and no frame is read twice.
/// p and y are taken from a fixed origin (the first frame seen), so that a constant curve has a
/// variance of exactly 0.
struct CurveSums {
  double frames = 0, pairs = 0, triples = 0;  // values, first and second differences
  double squared = 0;                         // (p - y)^2
  double absolute = 0;                        // |p - y|
  double p = 0, y = 0, pp = 0, yy = 0, py = 0;
  double velocity = 0;      // (fps * difference of (p - y))^2
  double acceleration = 0;  // (fps^2 * second difference of (p - y))^2
  double y_origin = 0;      // not a sum: what y counts from

  double mean_y() const { return frames > 0 ? y_origin + y / frames : y_origin; }
  /// Population variances; exactly 0 where they are rounding noise or there are no frames.
  double variance_p() const;
  double variance_y() const;
  double covariance() const;
  /// Sum of (y - mean)^2.
  double squared_from(double mean) const;
};

/// The sums of one unit for all curves as one flat row, which the bootstrap can add.
struct SumLayout {
  int64_t curves = 0;
  int64_t width() const { return 1 + 12 * curves; }  // the unit's frames, then twelve sums a curve
  CurveSums curve(std::span<const double> row, int64_t c, double y_origin) const;
};

/// Where p and y count from, [curves] each: the first frame that has the curve.
struct Origin {
  std::vector<double> p, y;
  std::vector<bool> known;
  /// Takes what is not known yet from a clip's first frame.
  void learn(const ClipResult& clip);
};

/// Adds frames [begin, end) of a clip to row [layout.width()], of the curves that it has. A
/// difference belongs to its last frame and may reach back before begin, so that blocks of a clip
/// add up to the whole clip.
void add_frames(const ClipResult& clip, int64_t begin, int64_t end, const Origin& origin,
                std::span<double> row);

}  // namespace kuchi::eval
