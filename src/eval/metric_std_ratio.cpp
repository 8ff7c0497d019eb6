#include <cmath>

#include "eval/metric.h"

namespace kuchi::eval {
namespace {
std::optional<double> curve(const CurveSums& s, const Baseline& baseline) {
  if (!baseline.moves || s.frames == 0) return std::nullopt;
  return ratio(std::sqrt(s.variance_p()), std::sqrt(s.variance_y()));
}
}  // namespace

/// std(p) / std(y) of a moving curve: under 0.2 the prediction has collapsed. Pooled: the mean.
CurveMetric std_ratio() {
  return {"std_ratio", "", curve,
          [](const CurveTable& table) { return mean_over_moving(table, curve); }};
}

}  // namespace kuchi::eval
