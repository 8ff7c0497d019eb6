// src/curves/least_squares.h
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "core/matrix.h"

namespace kuchi::curves {

/// The x of gram · x = right by Cholesky's factors, gram [n, n] symmetric and positive, right [n];
/// with `of` of those rows and columns alone, [of]. Nothing where they depend on each other: where
/// less than 1e-10 of a diagonal is left of it.
std::optional<std::vector<double>> solved(const MatrixOf<double>& gram,
                                          std::span<const double> right);
std::optional<std::vector<double>> solved(const MatrixOf<double>& gram,
                                          std::span<const double> right,
                                          const std::vector<int64_t>& of);

/// The w ≥ 0 that makes |A w - y|² least, from gram = AᵀA [n, n] and right = Aᵀy [n]. Where columns
/// of A depend on each other one of the answers is given. An empty column has the weight 0.
/// Source: Lawson & Hanson, Solving Least Squares Problems (1974), chapter 23, on the normal
/// equations: a dozen columns of well-told shapes, for which their precision is enough.
std::vector<double> non_negative_least_squares(const MatrixOf<double>& gram,
                                               std::span<const double> right);

}  // namespace kuchi::curves
