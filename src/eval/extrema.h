// src/eval/extrema.h
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace kuchi::eval {

/// A Gaussian of sigma frames, cut off at 4 sigma, its weights adding up to 1; at the ends the
/// series is mirrored (d c b a | a b c d | d c b a), as scipy.ndimage.gaussian_filter1d does.
std::vector<double> gaussian(std::span<const double> x, double sigma);

/// Half the difference of both neighbours; at the ends the difference to the only one. As
/// numpy.gradient. Fewer than two values: zeros.
std::vector<double> derivative(std::span<const double> x);

/// Places of the local maxima whose prominence is at least `prominence`, rising; a plateau is at
/// its middle, rounded down, and the ends are none. Prominence: height over the higher of the two
/// lowest points between the peak and where the series next rises above it, or ends. As
/// scipy.signal.find_peaks.
std::vector<int64_t> peaks(std::span<const double> x, double prominence);

}  // namespace kuchi::eval
