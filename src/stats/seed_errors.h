// src/stats/seed_errors.h
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "stats/bootstrap.h"

namespace kuchi::stats {

/// What one setting did: its error by seed and unit.
///
/// A unit is a clip, or a block of time of a clip where there are few clips. Blocks are taken as
/// draws of their own, whichever clip they are of: what differs between the clips then counts as
/// luck of the blocks, so that of these very clips more is doubted than need be; of other clips
/// nothing is said.
/// Seeds and units are crossed: every seed is judged on the same units. Two settings share their
/// units, never their seeds: seed 3 of one has nothing in common with seed 3 of another.
struct SeedErrors {
  Matrix64 errors;             // [seeds, units] sums of squared errors
  std::vector<double> counts;  // [units] frames x curves of each sum, above 0

  int64_t seeds() const { return errors.rows; }
  int64_t units() const { return errors.cols; }
};

/// Errors of each unit, averaged over the seeds.
std::vector<double> seed_average(const SeedErrors& setting);  // [units]

/// How much of a setting's error is its seeds' luck, relative to the error: the setting's sum over
/// the units is E (1 + effect of the seed + what is left of seed and unit together).
///
///   single    variance of one seed's effect; never below 0, 0 for one seed
///   residual  variance of what is left, in one seed's sum; it falls as 1 / units
///
/// Residuals are what a seed's units deviate from the setting's, after the seed's effect is
/// multiplied in, and are subtracted from the variance between the seeds' sums, as in the analysis
/// of variance of two crossed random effects (Searle, Casella and McCulloch 1992, chapter 4).
struct SeedLuck {
  double single = 0;
  double residual = 0;
  int64_t seeds = 0;
};
SeedLuck seed_luck(const SeedErrors& setting);

/// Each one's `single` of two settings. One with one seed has no variance of its own: the other's,
/// where that has several.
std::array<double, 2> single_luck(const std::array<SeedLuck, 2>& settings);

}  // namespace kuchi::stats
