#include <cmath>

#include "eval/metric.h"
#include "eval/silence.h"

namespace kuchi::eval {
namespace {
enum Column { kPrediction, kTarget, kCount, kColumns };

// A velocity belongs to its later frame, as in every other metric.
void collect(const ClipResult& clip, const ClipContext&, std::span<const int64_t> begins,
             MatrixOf<double>& rows) {
  const auto silent = silent_frames(clip);
  size_t block = 0;
  for (int64_t t = 1; t < static_cast<int64_t>(silent.size()); ++t) {
    while (block + 1 < begins.size() && begins[block + 1] <= t) ++block;
    if (!silent[static_cast<size_t>(t)]) continue;
    auto row = rows.row(static_cast<int64_t>(block));
    for (int64_t c = 0; c < clip.target.cols; ++c) {
      if (!clip.has(c)) continue;
      const auto speed = [&](const Matrix& m) {
        return clip.fps * std::abs(static_cast<double>(m(t, c)) - m(t - 1, c));
      };
      row[kPrediction] += speed(clip.prediction);
      row[kTarget] += speed(clip.target);
      row[kCount] += 1;
    }
  }
}

std::optional<double> quotient(const MatrixOf<double>& units, std::span<const double> weights,
                               Column above, Column below) {
  double a = 0, b = 0;
  for (int64_t u = 0; u < units.rows; ++u) {
    a += weights[static_cast<size_t>(u)] * units(u, above);
    b += weights[static_cast<size_t>(u)] * units(u, below);
  }
  return ratio(a, b);
}

}  // namespace

/// Mean |velocity| of the predicted curves in silent frames: twitching while nobody speaks.
ClipMetric still() {
  return {"still",
          "curve/s",
          kColumns,
          true,
          collect,
          [](const MatrixOf<double>& units, std::span<const double> weights) {
            return quotient(units, weights, kPrediction, kCount);
          }};
}

/// The same beside the target's own; undefined where the target does not stir at all.
ClipMetric still_ratio() {
  return {"still_ratio",
          "",
          kColumns,
          true,
          collect,
          [](const MatrixOf<double>& units, std::span<const double> weights) {
            return quotient(units, weights, kPrediction, kTarget);
          }};
}

}  // namespace kuchi::eval
