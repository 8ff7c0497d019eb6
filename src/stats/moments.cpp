#include "stats/moments.h"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace kuchi::stats {

void Moments::merge(const Moments& other) {
  if (other.count_ == 0) return;
  const double n = static_cast<double>(count_);
  const double m = static_cast<double>(other.count_);
  const double delta = other.mean_ - mean_;
  mean_ += delta * m / (n + m);
  squares_ += other.squares_ + delta * delta * n * m / (n + m);
  count_ += other.count_;
}

double Moments::variance() const { return count_ < 2 ? 0 : squares_ / static_cast<double>(count_); }

std::optional<double> pearson(std::span<const double> a, std::span<const double> b) {
  assert(a.size() == b.size());
  if (a.size() < 2) return std::nullopt;
  // Shifted by the first value first, so that a constant series has deviations of exactly 0.
  double mean_a = 0, mean_b = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    mean_a += a[i] - a[0];
    mean_b += b[i] - b[0];
  }
  mean_a /= static_cast<double>(a.size());
  mean_b /= static_cast<double>(b.size());
  double aa = 0, bb = 0, ab = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    const double da = a[i] - a[0] - mean_a;
    const double db = b[i] - b[0] - mean_b;
    aa += da * da;
    bb += db * db;
    ab += da * db;
  }
  const double scale = std::sqrt(aa) * std::sqrt(bb);
  if (!(scale > 0)) return std::nullopt;
  return std::clamp(ab / scale, -1.0, 1.0);
}

}  // namespace kuchi::stats
