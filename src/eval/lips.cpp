#include "eval/lips.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <tuple>

#include "stats/interval.h"

namespace kuchi::eval {
namespace {

std::vector<double> velocity(std::span<const float> x) {
  std::vector<double> out;
  for (size_t t = 1; t < x.size(); ++t) {
    out.push_back(static_cast<double>(x[t]) - static_cast<double>(x[t - 1]));
  }
  return out;
}

// Positive lag: late[t + lag] beside early[t].
std::optional<double> correlation(std::span<const double> late, std::span<const double> early,
                                  int64_t lag) {
  const auto n = static_cast<int64_t>(late.size());
  double product = 0, late_energy = 0, early_energy = 0;
  for (int64_t t = std::max<int64_t>(0, -lag); t < std::min(n, n - lag); ++t) {
    const double a = late[static_cast<size_t>(t + lag)];
    const double b = early[static_cast<size_t>(t)];
    product += a * b;
    late_energy += a * a;
    early_energy += b * b;
  }
  const double scale = std::sqrt(late_energy) * std::sqrt(early_energy);
  if (!(scale > 0)) return std::nullopt;
  return product / scale;
}

}  // namespace

double closed_threshold(std::span<const float> aperture) {
  assert(!aperture.empty());
  std::vector<double> sorted(aperture.begin(), aperture.end());
  std::sort(sorted.begin(), sorted.end());
  return 0.1 * stats::quantile(sorted, 0.95);
}

std::vector<double> closures(std::span<const float> aperture, double threshold) {
  std::vector<double> middles;
  size_t begin = 0;
  for (size_t t = 0; t <= aperture.size(); ++t) {
    const bool closed = t < aperture.size() && aperture[t] < threshold;
    if (closed) continue;
    if (t > begin) middles.push_back(static_cast<double>(begin + t - 1) / 2);
    begin = t + 1;
  }
  return middles;
}

std::vector<std::pair<size_t, size_t>> match_nearest(std::span<const double> predicted,
                                                     std::span<const double> target,
                                                     double within_frames) {
  // 40 ms may be a whole number of frames: a pair exactly that far apart still counts.
  const double limit = within_frames + 1e-9;
  std::vector<std::tuple<double, size_t, size_t>> near;
  size_t from = 0;  // both rise, so the window of targets only moves on
  for (size_t p = 0; p < predicted.size(); ++p) {
    while (from < target.size() && target[from] < predicted[p] - limit) ++from;
    for (size_t y = from; y < target.size() && target[y] <= predicted[p] + limit; ++y) {
      near.emplace_back(std::abs(predicted[p] - target[y]), p, y);
    }
  }
  std::sort(near.begin(), near.end());
  std::vector<bool> predicted_taken(predicted.size()), target_taken(target.size());
  std::vector<std::pair<size_t, size_t>> pairs;
  for (const auto& [distance, p, y] : near) {
    if (predicted_taken[p] || target_taken[y]) continue;
    predicted_taken[p] = target_taken[y] = true;
    pairs.emplace_back(p, y);
  }
  return pairs;
}

std::optional<double> velocity_lag(std::span<const float> prediction, std::span<const float> target,
                                   int64_t max_lag) {
  const auto p = velocity(prediction), y = velocity(target);
  if (p.size() != y.size() || static_cast<int64_t>(p.size()) <= 2 * max_lag) return std::nullopt;
  std::vector<double> r;
  for (int64_t lag = -max_lag; lag <= max_lag; ++lag) {
    const auto value = correlation(p, y, lag);
    if (!value) return std::nullopt;
    r.push_back(*value);
  }
  const auto peak = static_cast<size_t>(std::max_element(r.begin(), r.end()) - r.begin());
  double offset = 0;
  if (peak > 0 && peak + 1 < r.size()) {
    const double bend = r[peak - 1] - 2 * r[peak] + r[peak + 1];
    if (bend < 0) offset = 0.5 * (r[peak - 1] - r[peak + 1]) / bend;
  }
  return static_cast<double>(peak) - static_cast<double>(max_lag) + offset;
}

}  // namespace kuchi::eval
