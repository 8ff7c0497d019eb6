// src/stats/permutation.h
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace kuchi::stats {

/// Two-sided p-value of a paired comparison: if the two systems were alike, each unit's
/// difference could as well have the other sign. Statistic: |sum of differences|.
///
///   differences [units]: e.g. squared error of a minus that of b, by clip or block
///   permutations: where 2^units is no larger, all signs are tried and p is exact; otherwise
///     that many are drawn by seed and p = (1 + as extreme) / (1 + permutations), never 0
///
/// Nothing for no units. All differences zero: 1.
/// Source: Fisher's randomisation test; Phipson and Smyth 2010 for the added one.
std::optional<double> sign_flip_p(std::span<const double> differences, int64_t permutations = 10000,
                                  uint64_t seed = 0);

/// Holm's step-down correction of a family of p-values, in their order; each in [0, 1].
/// Source: Holm, Scandinavian Journal of Statistics 1979.
std::vector<double> holm(std::span<const double> p);

/// The same where some of a list have no p-value: those are not of the family and stay nothing.
std::vector<std::optional<double>> holm(std::span<const std::optional<double>> p);

}  // namespace kuchi::stats
