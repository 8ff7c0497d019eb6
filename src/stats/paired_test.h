// src/stats/paired_test.h
#pragma once

#include <cstdint>
#include <optional>

#include "stats/seed_errors.h"

namespace kuchi::stats {

/// Two-sided p of "a and b err alike, over all units like these and all seeds" by sign flips of the
/// units' differences, each averaged over the seeds: if the two were alike, a unit's difference
/// could as well have the other sign.
///
/// Flips see the units' luck only. A lucky seed moves all units of a setting together, and they
/// would take it for evidence: at 50 units and three seeds that differ by 4 %, one family of five
/// questions in four has a false alarm. So where there are several seeds, a draw of their luck is
/// added to each flipped sum: sqrt(variance of both settings' seeds / seeds) times Student's t with
/// the degrees of freedom of both, seeds - 1 each. Not by exchanging seeds between a and b, which
/// is exact but cannot fall under 2 / C(6, 3) = 0.1 for three seeds of each.
///
/// With one seed of each: sign_flip_p (stats/permutation.h), and the answer is about these weights.
/// With several of one only, the other's luck is taken to be of the same size.
///
///   a, b [seeds, units] over the same units (assert), seeds may differ in number
///   permutations: drawn by seed; p = (1 + as extreme) / (1 + permutations), never 0
///
/// Nothing for fewer than two units, or without seeds.
/// Source: Fisher's randomisation test; the sum with Student's t is Fisher's and Behrens's answer
/// to two variances of which one rests on few draws, and never too bold (Barnard, Biometrika 1984).
std::optional<double> paired_p(const SeedErrors& a, const SeedErrors& b,
                               int64_t permutations = 10000, uint64_t seed = 0);

/// The smallest p that paired_p can give with so many units: all signs alike, of all that are
/// tried.
double smallest_paired_p(int64_t units, int64_t permutations = 10000);

enum class Verdict { kBetter, kWorse, kNotEnoughEvidence };

/// Of a against b, where less error is better; p is the corrected one (stats::holm). Without a
/// ratio or p: not enough evidence.
Verdict verdict(std::optional<double> ratio, std::optional<double> corrected_p,
                double alpha = 0.05);

/// "better", "worse", "not enough evidence".
const char* verdict_name(Verdict verdict);

}  // namespace kuchi::stats
