#include "stats/need.h"

#include <algorithm>
#include <cmath>
#include <functional>

#include "stats/student.h"

namespace kuchi::stats {
namespace {

bool decides(const VarianceParts& parts, double log_ratio, double units, double seeds,
             const NeedOptions& options) {
  const double freedom = parts.freedom(units, seeds);
  if (!(freedom > 0)) return false;
  const double reach =
      student_quantile(1 - options.alpha / 2, freedom) + student_quantile(options.power, freedom);
  return std::abs(log_ratio) >= reach * std::sqrt(parts.variance(units, seeds));
}

// The smallest n in [least, most] for which enough(n) holds, which is taken to stay true above.
std::optional<int64_t> smallest(int64_t least, int64_t most,
                                const std::function<bool(double)>& enough) {
  if (least > most || !enough(static_cast<double>(most))) return std::nullopt;
  int64_t low = least - 1;
  int64_t high = most;
  while (high - low > 1) {
    const int64_t middle = low + (high - low) / 2;
    (enough(static_cast<double>(middle)) ? high : low) = middle;
  }
  return high;
}

}  // namespace

double VarianceParts::variance(double n, double m) const {
  return unit / n + residual / (n * m) + seed / m;
}

double VarianceParts::freedom(double n, double m) const {
  const double drawn = unit / n + residual / (n * m);
  const double luck = seed / m;
  double squares = n > 1 ? drawn * drawn / (n - 1) : 0;
  if (luck > 0 && m > 1) squares += luck * luck / (2 * (m - 1));
  if (!(squares > 0)) return n - 1;
  return (drawn + luck) * (drawn + luck) / squares;
}

Need need(const VarianceParts& parts, double log_ratio, const NeedOptions& options) {
  Need out;
  if (!(std::abs(log_ratio) > 0) || parts.units < 2) return out;
  const double units = static_cast<double>(parts.units);
  const double seeds = static_cast<double>(parts.seeds);
  out.units = smallest(parts.units, options.most_units,
                       [&](double n) { return decides(parts, log_ratio, n, seeds, options); });
  if (parts.seeds > 1) {
    out.seeds = smallest(parts.seeds, options.most_seeds,
                         [&](double m) { return decides(parts, log_ratio, units, m, options); });
  }
  return out;
}

}  // namespace kuchi::stats
