#include "eval/metric.h"

namespace kuchi::eval {

std::optional<double> ratio(double a, double b) {
  if (b == 0) return std::nullopt;
  return a / b;
}

std::optional<double> pooled_ratio(const CurveTable& table, double CurveSums::*sum,
                                   double CurveSums::*count) {
  double a = 0, b = 0;
  for (const CurveSums& s : table.sums) {
    a += s.*sum;
    b += s.*count;
  }
  return ratio(a, b);
}

std::optional<double> mean_over_moving(const CurveTable& table,
                                       std::optional<double> (*curve)(const CurveSums&,
                                                                      const Baseline&)) {
  double sum = 0, count = 0;
  for (size_t c = 0; c < table.sums.size(); ++c) {
    if (!table.baselines[c].moves) continue;
    if (const auto value = curve(table.sums[c], table.baselines[c])) {
      sum += *value;
      count += 1;
    }
  }
  return ratio(sum, count);
}

}  // namespace kuchi::eval
