// src/stats/interval.h
#pragma once

#include <optional>
#include <span>
#include <vector>

namespace kuchi::stats {

struct Interval {
  double low = 0;
  double high = 0;
};

/// The q-quantile (0 … 1) of sorted values, straight-line between order statistics: Hyndman and
/// Fan's type 7, which NumPy and SciPy use. values must not be empty.
double quantile(std::span<const double> sorted, double q);

/// Quantiles (1 - level) / 2 and (1 + level) / 2 of the values; nothing for no values.
std::optional<Interval> percentile_interval(std::vector<double> values, double level = 0.95);

}  // namespace kuchi::stats
