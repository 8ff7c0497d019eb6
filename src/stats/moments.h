// src/stats/moments.h
#pragma once

#include <cstdint>
#include <optional>
#include <span>

namespace kuchi::stats {

/// Running mean and variance in one pass without cancellation.
/// Source: Welford, Technometrics 1962; merging: Chan, Golub and LeVeque, 1979.
class Moments {
 public:
  void add(double x) {
    ++count_;
    const double delta = x - mean_;
    mean_ += delta / static_cast<double>(count_);
    squares_ += delta * (x - mean_);
  }
  void merge(const Moments& other);

  int64_t count() const { return count_; }
  double mean() const { return mean_; }
  /// Of the population (divided by count); 0 for fewer than two values.
  double variance() const;

 private:
  int64_t count_ = 0;
  double mean_ = 0;
  double squares_ = 0;  // sum of squared deviations
};

/// Pearson's r of two equally long series; nothing for fewer than two values or a constant one.
std::optional<double> pearson(std::span<const double> a, std::span<const double> b);

}  // namespace kuchi::stats
