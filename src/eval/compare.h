// src/eval/compare.h
#pragma once

#include <span>
#include <vector>

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

/// Two of several systems, by their place in the list.
struct PairComparison {
  size_t a = 0, b = 0;
  Comparison found;
  std::optional<double> p_corrected;  // Holm's, over all pairs that have a p-value
};

/// Every pair once, in order: (0, 1), (0, 2), … (1, 2), …; as compare_mse().
std::vector<PairComparison> compare_all(std::span<const Suite> systems,
                                        const stats::BootstrapOptions& options = {},
                                        int64_t permutations = 10000);

}  // namespace kuchi::eval
