#include "eval/metric.h"

namespace kuchi::eval {

/// 1 - sum (p - y)^2 / sum (y - training mean)^2: the share won over a system that always answers
/// the mean. A curve's own only where it moves; pooled, the sums run over all curves.
CurveMetric r2() {
  return {"r2", "",
          [](const CurveSums& s, const Baseline& baseline) -> std::optional<double> {
            const double total = baseline.moves ? s.squared_from(baseline.mean) : 0;
            if (total == 0) return std::nullopt;
            return 1 - s.squared / total;
          },
          [](const CurveTable& table) -> std::optional<double> {
            double error = 0, total = 0;
            for (size_t c = 0; c < table.sums.size(); ++c) {
              error += table.sums[c].squared;
              total += table.sums[c].squared_from(table.baselines[c].mean);
            }
            if (total == 0) return std::nullopt;
            return 1 - error / total;
          }};
}

}  // namespace kuchi::eval
