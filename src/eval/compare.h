// src/eval/compare.h
#pragma once

#include "eval/suite.h"
#include "stats/bootstrap.h"

namespace kuchi::eval {

/// Two systems over the same units: mse of a / mse of b with its paired interval, and the
/// two-sided sign-flip p-value of no difference.
struct Comparison {
  stats::Ratio ratio;
  std::optional<double> p;
};

/// UserError (data) where the suites were not measured over the same clips and units.
Comparison compare_mse(const Suite& a, const Suite& b, const stats::BootstrapOptions& options = {},
                       int64_t permutations = 10000);

}  // namespace kuchi::eval
