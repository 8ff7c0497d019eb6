#include "curves/cadence.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace kuchi::curves {

Cadence cadence(std::span<const double> times_s) {
  Cadence out;
  if (times_s.size() < 2) return out;
  std::vector<double> steps;
  for (size_t i = 1; i < times_s.size(); ++i) steps.push_back(times_s[i] - times_s[i - 1]);
  const auto middle = steps.begin() + static_cast<std::ptrdiff_t>(steps.size() / 2);
  std::nth_element(steps.begin(), middle, steps.end());
  out.step_s = *middle;
  for (const double step : steps) {
    if (step <= 1.5 * out.step_s) continue;
    ++out.gaps;
    out.missing += std::llround(step / out.step_s) - 1;
    out.longest_gap_s = std::max(out.longest_gap_s, step);
  }
  return out;
}

}  // namespace kuchi::curves
