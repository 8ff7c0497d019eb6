#include "eval/sums.h"

#include <algorithm>
#include <cmath>

namespace kuchi::eval {
namespace {

// The order of the sums in a row after the unit's frames, each [curves].
enum Slot {
  kFrames,
  kPairs,
  kTriples,
  kSquared,
  kAbsolute,
  kP,
  kY,
  kPP,
  kYY,
  kPY,
  kVelocity,
  kAcceleration
};

// Below this share of the mean square a variance is what rounding leaves of a constant.
constexpr double kNoise = 1e-12;

double variance(double n, double sum, double squares) {
  if (n == 0) return 0;
  const double mean = sum / n;
  const double v = squares / n - mean * mean;
  return v > kNoise * squares / n ? v : 0;
}

double error(const ClipResult& clip, int64_t t, int64_t c) {
  return static_cast<double>(clip.prediction(t, c)) - static_cast<double>(clip.target(t, c));
}

}  // namespace

double CurveSums::variance_p() const { return variance(frames, p, pp); }
double CurveSums::variance_y() const { return variance(frames, y, yy); }
double CurveSums::covariance() const { return py / frames - (p / frames) * (y / frames); }

double CurveSums::squared_from(double mean) const {
  const double offset = y_origin - mean;
  return std::max(0.0, yy + 2 * offset * y + frames * offset * offset);
}

CurveSums SumLayout::curve(std::span<const double> row, int64_t c, double y_origin) const {
  const auto at = [&](Slot slot) { return row[static_cast<size_t>(1 + slot * curves + c)]; };
  CurveSums s;
  s.frames = at(kFrames);
  s.pairs = at(kPairs);
  s.triples = at(kTriples);
  s.squared = at(kSquared);
  s.absolute = at(kAbsolute);
  s.p = at(kP);
  s.y = at(kY);
  s.pp = at(kPP);
  s.yy = at(kYY);
  s.py = at(kPY);
  s.velocity = at(kVelocity);
  s.acceleration = at(kAcceleration);
  s.y_origin = y_origin;
  return s;
}

void Origin::learn(const ClipResult& clip) {
  const auto curves = static_cast<size_t>(clip.target.cols);
  p.resize(curves, 0);
  y.resize(curves, 0);
  known.resize(curves, false);
  for (size_t c = 0; c < curves; ++c) {
    const auto column = static_cast<int64_t>(c);
    if (known[c] || !clip.has(column)) continue;
    p[c] = clip.prediction(0, column);
    y[c] = clip.target(0, column);
    known[c] = true;
  }
}

void add_frames(const ClipResult& clip, int64_t begin, int64_t end, const Origin& origin,
                std::span<double> row) {
  const int64_t curves = clip.target.cols;
  const auto slot = [&](Slot s) { return row.data() + 1 + s * curves; };
  double *frames = slot(kFrames), *pairs = slot(kPairs), *triples = slot(kTriples);
  double* squared = slot(kSquared);
  double* absolute = slot(kAbsolute);
  double *sum_p = slot(kP), *sum_y = slot(kY);
  double *sum_pp = slot(kPP), *sum_yy = slot(kYY), *sum_py = slot(kPY);
  double *velocity = slot(kVelocity), *acceleration = slot(kAcceleration);
  const double fps2 = clip.fps * clip.fps;

  for (int64_t t = begin; t < end; ++t) {
    row[0] += 1;
    for (int64_t c = 0; c < curves; ++c) {
      if (!clip.has(c)) continue;
      const double p = clip.prediction(t, c) - origin.p[static_cast<size_t>(c)];
      const double y = clip.target(t, c) - origin.y[static_cast<size_t>(c)];
      const double e = error(clip, t, c);
      frames[c] += 1;
      squared[c] += e * e;
      absolute[c] += std::abs(e);
      sum_p[c] += p;
      sum_y[c] += y;
      sum_pp[c] += p * p;
      sum_yy[c] += y * y;
      sum_py[c] += p * y;
    }
    if (t < 1) continue;
    for (int64_t c = 0; c < curves; ++c) {
      if (!clip.has(c)) continue;
      const double d = error(clip, t, c) - error(clip, t - 1, c);
      pairs[c] += 1;
      velocity[c] += fps2 * d * d;
    }
    if (t < 2) continue;
    for (int64_t c = 0; c < curves; ++c) {
      if (!clip.has(c)) continue;
      const double d = error(clip, t, c) - 2 * error(clip, t - 1, c) + error(clip, t - 2, c);
      triples[c] += 1;
      acceleration[c] += fps2 * fps2 * d * d;
    }
  }
}

}  // namespace kuchi::eval
