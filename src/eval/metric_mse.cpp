#include "eval/metric.h"

namespace kuchi::eval {

/// Mean over frames and curves of (p - y)^2.
CurveMetric mse() {
  return {"mse", "curve^2",
          [](const CurveSums& s, const Baseline&) { return ratio(s.squared, s.frames); },
          [](const CurveTable& table) {
            return pooled_ratio(table, &CurveSums::squared, &CurveSums::frames);
          }};
}

}  // namespace kuchi::eval
