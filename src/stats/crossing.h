// src/stats/crossing.h
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "stats/seed_errors.h"

namespace kuchi::stats {

/// A setting at one place of a learning curve: x, e.g. a share of the data, above 0.
struct CurvePoint {
  double x = 0;
  SeedErrors setting;
};

/// Where the learning curves of two systems cross.
///
///   x         where the lines cross; nothing where they do not
///   low, high the interval of x; low is nothing where it is under the smallest x that was
///             measured, high where it is over the largest: then the lines need not cross at all
///   share     of the resamples, those in which the lines cross (in the same direction, where x is
///             given): 1 in all of them
///   a_beyond  a is the better one right of x (where x is nothing: at the largest x)
struct Crossing {
  std::optional<double> x, low, high;
  double share = 0;
  bool a_beyond = false;
};

/// Lines are straight in log x and log error between the points; where they cross more than once,
/// the last crossing is meant, after which nothing changes any more.
///
///   a, b  the same ascending x, two or more, all on the same units, two or more; a system has
///         the same seeds at every x (assert)
///
/// Interval: percentiles over resamples, which draw units (the same for all points and both
/// systems) and each system's seeds (the same for all its points, as its trainings at different x
/// may share their luck). Deviations of a resample are stretched: by sqrt(n / (n - 1)), which a
/// bootstrap of n things lacks, and from a normal's quantile to Student's (Hesterberg, The American
/// Statistician 2015, section 5.3). Residuals of seed and unit are drawn twice, with the seeds and
/// with the units, which makes the interval a little too wide. One seed of each: of these weights.
/// A resample without this crossing counts as crossing left of all x where the winner of the right
/// end wins everywhere, and right of all x otherwise, so that the interval is not that of the
/// lucky resamples only. Nothing at all where an error is 0: it has no logarithm.
std::optional<Crossing> crossing(std::span<const CurvePoint> a, std::span<const CurvePoint> b,
                                 const BootstrapOptions& options = {});

enum class Sense { kAny, kRising, kFalling };
/// The last change of sign of straight lines through (x, f); rising: only from minus to plus,
/// falling: only from plus to minus. Where f touches 0 and turns back, nothing changes.
std::optional<double> last_zero(std::span<const double> x, std::span<const double> f, Sense sense);

}  // namespace kuchi::stats
