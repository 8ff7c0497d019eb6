#include "stats/interval.h"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace kuchi::stats {

double quantile(std::span<const double> sorted, double q) {
  assert(!sorted.empty());
  const double place = std::clamp(q, 0.0, 1.0) * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<size_t>(place);
  const size_t above = std::min(below + 1, sorted.size() - 1);
  const double share = place - static_cast<double>(below);
  return sorted[below] + share * (sorted[above] - sorted[below]);
}

std::optional<Interval> percentile_interval(std::vector<double> values, double level) {
  if (values.empty()) return std::nullopt;
  std::sort(values.begin(), values.end());
  return Interval{quantile(values, (1 - level) / 2), quantile(values, (1 + level) / 2)};
}

}  // namespace kuchi::stats
