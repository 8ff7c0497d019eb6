// src/stats/bootstrap.h
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>

#include "core/matrix.h"
#include "stats/interval.h"

namespace kuchi::stats {

/// Bootstrap of units that can be taken as independent (clips, or blocks of time): resamples of
/// the units with replacement, percentile interval. A statistic is a function of sums over units,
/// so that frames are read once and a resample costs units x sums additions.
/// Source: Efron and Tibshirani, An Introduction to the Bootstrap, 1993, chapter 13.
struct BootstrapOptions {
  int64_t resamples = 1000;
  uint64_t seed = 0;
  double level = 0.95;
};

using Matrix64 = MatrixOf<double>;

/// How often resample r draws each unit: fills weights [units] with counts that add up to units.
/// A pure function of (seed, r, units): statistics asked one by one see the same draws.
void draw_weights(const BootstrapOptions& options, int64_t r, std::span<double> weights);

/// Calls visit(r, totals) for every resample r in order; totals [cols] are the column sums of the
/// drawn rows of units [units, cols]. No units: no calls.
void resample_sums(const Matrix64& units, const BootstrapOptions& options,
                   const std::function<void(int64_t, std::span<const double>)>& visit);

/// A statistic of weighted or summed units; nothing where it is undefined.
using SumStatistic = std::function<std::optional<double>(std::span<const double> totals)>;

/// Percentile interval of statistic(column sums). Nothing for fewer than two units, and where
/// the statistic is undefined in more than one resample of twenty.
std::optional<Interval> bootstrap(const Matrix64& units, const SumStatistic& statistic,
                                  const BootstrapOptions& options = {});

/// The interval of values that a caller gathered, one a resample, NaN where undefined; the rule
/// of bootstrap() above for how many may be.
std::optional<Interval> resampled_interval(std::span<const double> values, double level);

/// a over b: ratio of two systems' summed errors over the same units, in pairs.
struct Ratio {
  std::optional<double> ratio, low, high;
};

/// Sum of a / sum of b with its interval, both systems' errors of a unit drawn together.
/// a, b [units]: sums of squared errors over the same frames and curves, so that the ratio of
/// sums is the ratio of mean squared errors. One unit, or b without error: null.
Ratio paired_ratio(std::span<const double> a, std::span<const double> b,
                   const BootstrapOptions& options = {});

}  // namespace kuchi::stats
