#include "eval/metric.h"

namespace kuchi::eval {

/// Mean over frames and curves of |p - y|.
CurveMetric mae() {
  return {"mae", "curve",
          [](const CurveSums& s, const Baseline&) { return ratio(s.absolute, s.frames); },
          [](const CurveTable& table) {
            return pooled_ratio(table, &CurveSums::absolute, &CurveSums::frames);
          }};
}

}  // namespace kuchi::eval
