// src/eval/blocks.h
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "core/matrix.h"

namespace kuchi::eval {

/// The block that a place of a clip is in, in frames; begins [blocks], rising, the first 0.
int64_t block_of(std::span<const int64_t> begins, double frame);

/// Column 0 over column 1, each summed over units [units, 2] by weight; nothing where column 1 is
/// empty. The value of the metrics that are a mean of something counted.
std::optional<double> mean_of_sums(const MatrixOf<double>& units, std::span<const double> weights);

}  // namespace kuchi::eval
