#include "eval/blocks.h"

#include <algorithm>
#include <cmath>

#include "eval/metric.h"

namespace kuchi::eval {

int64_t block_of(std::span<const int64_t> begins, double frame) {
  const auto next =
      std::upper_bound(begins.begin(), begins.end(), static_cast<int64_t>(std::floor(frame)));
  return next - begins.begin() - 1;
}

std::optional<double> mean_of_sums(const MatrixOf<double>& units, std::span<const double> weights) {
  double sum = 0, count = 0;
  for (int64_t u = 0; u < units.rows; ++u) {
    sum += weights[static_cast<size_t>(u)] * units(u, 0);
    count += weights[static_cast<size_t>(u)] * units(u, 1);
  }
  return ratio(sum, count);
}

}  // namespace kuchi::eval
