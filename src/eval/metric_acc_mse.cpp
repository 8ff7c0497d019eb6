#include "eval/metric.h"

namespace kuchi::eval {

/// Mean squared error of acceleration: second differences times the target's fps squared.
CurveMetric acc_mse() {
  return {"acc_mse", "curve^2/s^4",
          [](const CurveSums& s, const Baseline&) { return ratio(s.acceleration, s.triples); },
          [](const CurveTable& table) {
            return pooled_ratio(table, &CurveSums::acceleration, &CurveSums::triples);
          }};
}

}  // namespace kuchi::eval
