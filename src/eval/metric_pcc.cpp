#include <algorithm>
#include <cmath>

#include "eval/metric.h"

namespace kuchi::eval {
namespace {
std::optional<double> curve(const CurveSums& s, const Baseline& baseline) {
  if (!baseline.moves || s.frames == 0) return std::nullopt;
  const double scale = std::sqrt(s.variance_p()) * std::sqrt(s.variance_y());
  if (!(scale > 0)) return std::nullopt;  // a constant curve correlates with nothing
  return std::clamp(s.covariance() / scale, -1.0, 1.0);
}
}  // namespace

/// Pearson's r of a curve; pooled, the mean over moving curves that have one.
CurveMetric pcc() {
  return {"pcc", "", curve, [](const CurveTable& table) { return mean_over_moving(table, curve); }};
}

}  // namespace kuchi::eval
