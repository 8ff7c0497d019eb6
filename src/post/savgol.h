// src/post/savgol.h
#pragma once

#include <cstdint>

#include "core/matrix.h"

namespace kuchi::post {

/// Each value becomes that of a polynomial fitted, by least squares, to the `frames` (odd) values
/// around it; near the ends to the first or last `frames`. A clip shorter than that is fitted over
/// the largest odd number of frames it has, and left alone if that is not above the order.
/// values [frames, curves]. As scipy.signal.savgol_filter with mode "interp".
/// Source: Savitzky and Golay, Analytical Chemistry 1964.
Matrix savgol(const Matrix& values, int64_t frames, int64_t order);

}  // namespace kuchi::post
