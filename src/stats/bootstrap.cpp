#include "stats/bootstrap.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>

#include "core/random.h"

namespace kuchi::stats {
namespace {
constexpr double kUndefined = std::numeric_limits<double>::quiet_NaN();
// Resamples summed side by side: a unit's row is then read from memory once for all of them.
constexpr int64_t kTile = 8;

void add_scaled(std::span<double> sum, double weight, std::span<const double> row) {
  for (size_t i = 0; i < sum.size(); ++i) sum[i] += weight * row[i];
}
}  // namespace

void draw_weights(const BootstrapOptions& options, int64_t r, std::span<double> weights) {
  std::fill(weights.begin(), weights.end(), 0.0);
  Stream stream(options.seed, "bootstrap", static_cast<uint64_t>(r));
  for (size_t i = 0; i < weights.size(); ++i) weights[stream.below(weights.size())] += 1;
}

void resample_sums(const Matrix64& units, const BootstrapOptions& options,
                   const std::function<void(int64_t, std::span<const double>)>& visit) {
  if (units.rows == 0) return;
  Matrix64 weights(kTile, units.rows);
  Matrix64 totals(kTile, units.cols);
  for (int64_t first = 0; first < options.resamples; first += kTile) {
    const int64_t tile = std::min(kTile, options.resamples - first);
    for (int64_t j = 0; j < tile; ++j) draw_weights(options, first + j, weights.row(j));
    std::fill(totals.data.begin(), totals.data.end(), 0.0);
    for (int64_t u = 0; u < units.rows; ++u) {
      for (int64_t j = 0; j < tile; ++j) {
        if (weights(j, u) > 0) add_scaled(totals.row(j), weights(j, u), units.row(u));
      }
    }
    for (int64_t j = 0; j < tile; ++j) visit(first + j, totals.row(j));
  }
}

std::optional<Interval> resampled_interval(std::span<const double> values, double level) {
  std::vector<double> defined;
  for (double v : values) {
    if (!std::isnan(v)) defined.push_back(v);
  }
  if (defined.empty() || (values.size() - defined.size()) * 20 > values.size()) {
    return std::nullopt;
  }
  return percentile_interval(std::move(defined), level);
}

std::optional<Interval> bootstrap(const Matrix64& units, const SumStatistic& statistic,
                                  const BootstrapOptions& options) {
  if (units.rows < 2) return std::nullopt;
  std::vector<double> values;
  resample_sums(units, options, [&](int64_t, std::span<const double> totals) {
    values.push_back(statistic(totals).value_or(kUndefined));
  });
  return resampled_interval(values, options.level);
}

Ratio paired_ratio(std::span<const double> a, std::span<const double> b,
                   const BootstrapOptions& options) {
  assert(a.size() == b.size());
  Matrix64 units(static_cast<int64_t>(a.size()), 2);
  Matrix64 totals(1, 2);
  for (int64_t u = 0; u < units.rows; ++u) {
    totals(0, 0) += units(u, 0) = a[static_cast<size_t>(u)];
    totals(0, 1) += units(u, 1) = b[static_cast<size_t>(u)];
  }
  const SumStatistic divide = [](std::span<const double> sums) -> std::optional<double> {
    if (!(sums[1] > 0)) return std::nullopt;
    return sums[0] / sums[1];
  };
  Ratio out;
  out.ratio = divide(totals.row(0));
  const auto interval = bootstrap(units, divide, options);
  if (out.ratio && interval) {
    out.low = interval->low;
    out.high = interval->high;
  }
  return out;
}

}  // namespace kuchi::stats
