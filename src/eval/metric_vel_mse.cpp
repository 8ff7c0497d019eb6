#include "eval/metric.h"

namespace kuchi::eval {

/// Mean squared error of velocity: first differences times the target's fps.
CurveMetric vel_mse() {
  return {"vel_mse", "curve^2/s^2",
          [](const CurveSums& s, const Baseline&) { return ratio(s.velocity, s.pairs); },
          [](const CurveTable& table) {
            return pooled_ratio(table, &CurveSums::velocity, &CurveSums::pairs);
          }};
}

}  // namespace kuchi::eval
