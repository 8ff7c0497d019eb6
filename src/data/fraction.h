#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "data/split.h"

namespace kuchi::data {

/// The pieces with only a share of the training part, for learning curves; the other parts stay.
///
/// The training pieces are put in an order drawn by `seed` (never that of the data, whose beginning
/// may be one speaker); whole ones are taken until round(fraction · frames) frames are reached, at
/// least one, and the last of them is cut at its end. A larger fraction of the same seed thus holds
/// all of a smaller one, and two fractions differ by nothing but what was added.
///
/// A pure function; the pieces come back in order of clip and time. `fraction` is over 0 and at
/// most 1, where all stays as it is.
std::vector<Piece> keep_fraction(std::span<const Piece> pieces, double fraction, uint64_t seed);

}  // namespace kuchi::data
