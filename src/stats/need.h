// src/stats/need.h
#pragma once

#include <cstdint>
#include <optional>

namespace kuchi::stats {

/// Where the variance of a log ratio comes from:
///
///   variance = unit / units + residual / (units x seeds) + seed / seeds
///
/// seed is of both systems together, and unknown (0) where neither has two seeds.
struct VarianceParts {
  double unit = 0;
  double residual = 0;
  double seed = 0;
  int64_t units = 0;
  int64_t seeds = 0;  // of each system; the smaller number where they differ

  double variance(double units, double seeds) const;
  /// Degrees of freedom of that variance when it is estimated, by Satterthwaite (1946).
  double freedom(double units, double seeds) const;
};

/// How many units, with the seeds as they are, or seeds, with the units as they are, would show a
/// difference of this size with the asked power. Never fewer than there are. Nothing where more
/// than the bound would be needed, also where no number is enough: a hundred thousand clips do not
/// help against the luck of three seeds. seeds is nothing for one seed, whose luck is unknown.
struct Need {
  std::optional<int64_t> units, seeds;
};

struct NeedOptions {
  double alpha = 0.05;  // of this question: the whole family's, divided by Holm's factor
  double power = 0.8;
  int64_t most_units = 10000;
  int64_t most_seeds = 100;
};

/// log_ratio: the difference, as seen. That it was seen does not make it true: where it is luck,
/// so is this number. By |log_ratio| >= (t(1 - alpha / 2) + t(power)) sqrt(variance), with the
/// quantiles of Student's t (Cohen 1988, with t for the normal).
Need need(const VarianceParts& parts, double log_ratio, const NeedOptions& options = {});

}  // namespace kuchi::stats
