#include "eval/sums.h"

#include <algorithm>
#include <cmath>

namespace kuchi::eval {
namespace {

// The order of the nine sums in a row, each [curves].
enum Slot { kSquared, kAbsolute, kP, kY, kPP, kYY, kPY, kVelocity, kAcceleration };

// Below this share of the mean square a variance is what rounding leaves of a constant.
constexpr double kNoise = 1e-12;

double variance(double n, double sum, double squares) {
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
  const auto at = [&](Slot slot) { return row[static_cast<size_t>(3 + slot * curves + c)]; };
  CurveSums s;
  s.frames = row[0];
  s.pairs = row[1];
  s.triples = row[2];
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

void add_frames(const ClipResult& clip, int64_t begin, int64_t end, const Origin& origin,
                std::span<double> row) {
  const int64_t curves = clip.target.cols;
  const auto slot = [&](Slot s) { return row.data() + 3 + s * curves; };
  double* squared = slot(kSquared);
  double* absolute = slot(kAbsolute);
  double *sum_p = slot(kP), *sum_y = slot(kY);
  double *sum_pp = slot(kPP), *sum_yy = slot(kYY), *sum_py = slot(kPY);
  double *velocity = slot(kVelocity), *acceleration = slot(kAcceleration);
  const double fps2 = clip.fps * clip.fps;

  for (int64_t t = begin; t < end; ++t) {
    row[0] += 1;
    for (int64_t c = 0; c < curves; ++c) {
      const double p = clip.prediction(t, c) - origin.p[static_cast<size_t>(c)];
      const double y = clip.target(t, c) - origin.y[static_cast<size_t>(c)];
      const double e = error(clip, t, c);
      squared[c] += e * e;
      absolute[c] += std::abs(e);
      sum_p[c] += p;
      sum_y[c] += y;
      sum_pp[c] += p * p;
      sum_yy[c] += y * y;
      sum_py[c] += p * y;
    }
    if (t < 1) continue;
    row[1] += 1;
    for (int64_t c = 0; c < curves; ++c) {
      const double d = error(clip, t, c) - error(clip, t - 1, c);
      velocity[c] += fps2 * d * d;
    }
    if (t < 2) continue;
    row[2] += 1;
    for (int64_t c = 0; c < curves; ++c) {
      const double d = error(clip, t, c) - 2 * error(clip, t - 1, c) + error(clip, t - 2, c);
      acceleration[c] += fps2 * fps2 * d * d;
    }
  }
}

}  // namespace kuchi::eval
