// src/eval/intervals.h
#pragma once

#include <functional>
#include <span>
#include <vector>

#include "eval/metric.h"
#include "eval/suite.h"
#include "stats/bootstrap.h"

namespace kuchi::eval {

/// Units of the bootstrap as rows of sums, and how to read a row as [curves] sums.
struct UnitSums {
  const MatrixOf<double>& rows;  // [units, SumLayout::width()]
  std::function<std::vector<CurveSums>(std::span<const double>)> curves;
};

struct CurveScores {
  Scores pooled;
  std::vector<Scores> per_curve;  // [curves]
};

/// Every curve metric over all units, pooled and by curve, with intervals. At least one unit.
CurveScores score_units(const UnitSums& units, std::span<const Baseline> baselines,
                        const stats::BootstrapOptions& options);

/// Fills low and high of a whole-clip metric; the draws are those of score_units.
void add_interval(const ClipMetric& metric, const MatrixOf<double>& units,
                  const stats::BootstrapOptions& options, Estimate& estimate);

}  // namespace kuchi::eval
