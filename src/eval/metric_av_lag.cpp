#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "eval/lips.h"
#include "eval/metric.h"

namespace kuchi::eval {
namespace {
constexpr double kLongest_s = 0.25;

void collect(const ClipResult& clip, const ClipContext&, std::span<const int64_t>,
             MatrixOf<double>& rows) {
  const auto max_lag = static_cast<int64_t>(std::floor(kLongest_s * clip.fps + 1e-9));
  if (const auto lag = velocity_lag(clip.prediction_aperture, clip.target_aperture, max_lag)) {
    rows(0, 0) = 1000 * *lag / clip.fps;
    rows(0, 1) = 1;
  }
}

// Each clip counted as often as it was drawn; the mean of the middle two of an even number.
std::optional<double> median(const MatrixOf<double>& units, std::span<const double> weights) {
  std::vector<std::pair<double, double>> lags;  // lag, weight
  double total = 0;
  for (int64_t u = 0; u < units.rows; ++u) {
    const double weight = units(u, 1) * weights[static_cast<size_t>(u)];
    if (weight > 0) lags.emplace_back(units(u, 0), weight);
    total += weight;
  }
  if (lags.empty()) return std::nullopt;
  std::sort(lags.begin(), lags.end());
  const auto at = [&](double place) {  // the value at a place in the drawn list, from 0
    double passed = 0;
    for (const auto& [lag, weight] : lags) {
      passed += weight;
      if (place < passed) return lag;
    }
    return lags.back().first;
  };
  return (at(std::floor((total - 1) / 2)) + at(std::floor(total / 2))) / 2;
}

}  // namespace

/// How late the predicted lips are: lag of the best match of aperture velocity, median of clips.
ClipMetric av_lag() { return {"av_lag", "ms", 2, false, collect, median}; }

}  // namespace kuchi::eval
