#include "eval/metric.h"

namespace kuchi::eval {
namespace {
std::optional<double> curve(const CurveSums& s, const Baseline& baseline) {
  if (!baseline.moves || s.frames == 0) return std::nullopt;
  return ratio(s.squared / s.frames, baseline.variance);
}
}  // namespace

/// Mean over moving curves of mse / variance of the training targets.
CurveMetric nmse() {
  return {"nmse", "", curve,
          [](const CurveTable& table) { return mean_over_moving(table, curve); }};
}

}  // namespace kuchi::eval
