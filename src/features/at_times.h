#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/matrix.h"

namespace kuchi::features {

inline constexpr double kSpacing_s = 0.01;  // between the neighbours of a stack

/// Where curve frames are: j / fps, in seconds.
std::vector<double> frame_times(double fps, int64_t frames);

/// Brings rows on one clock to frames on another, by time and never by the ratio of the lengths.
///
/// rows     [n, dim], row k at k · hop_s; n > 0
/// fps      frame j is at j / fps
/// stack    odd; neighbour i of a frame is at j / fps + spacing_s · (i − (stack − 1) / 2)
/// Returns  [frames, dim · stack], neighbours side by side, earliest first.
/// Between rows: a straight line. Before the first row and after the last: that row.
Matrix at_times(const Matrix& rows, double hop_s, double fps, int64_t frames, int64_t stack,
                double spacing_s);

/// The same at any times, in seconds: what a changed speaking rate needs.
Matrix at_times(const Matrix& rows, double hop_s, std::span<const double> times_s, int64_t stack,
                double spacing_s);

// Its steps, for rows that are still coming (feature_stream.h).

/// Where a time falls on the rows' clock: `weight` of the way from row `below` to the next.
struct Place {
  int64_t below = 0;
  double weight = 0;
};
/// `last` is the last row; before the first and after the last a time falls on that row.
Place place(double t_s, double hop_s, double last);
/// When neighbour i of a frame at t_s is.
double neighbour_s(double t_s, int64_t i, int64_t stack, double spacing_s);
/// to = a + weight (b - a), of as many values.
void between(std::span<const float> a, std::span<const float> b, double weight,
             std::span<float> to);

}  // namespace kuchi::features
