#include "features/at_times.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <vector>

namespace kuchi::features {

std::vector<double> frame_times(double fps, int64_t frames) {
  assert(fps > 0 && frames >= 0);
  std::vector<double> times(static_cast<size_t>(frames));
  for (size_t j = 0; j < times.size(); ++j) times[j] = static_cast<double>(j) / fps;
  return times;
}

Matrix at_times(const Matrix& rows, double hop_s, double fps, int64_t frames, int64_t stack,
                double spacing_s) {
  return at_times(rows, hop_s, frame_times(fps, frames), stack, spacing_s);
}

Place place(double t_s, double hop_s, double last) {
  const double position = std::clamp(t_s / hop_s, 0.0, last);
  const auto below = static_cast<int64_t>(std::floor(position));
  return {below, position - static_cast<double>(below)};
}

double neighbour_s(double t_s, int64_t i, int64_t stack, double spacing_s) {
  return t_s + spacing_s * (static_cast<double>(i) - static_cast<double>(stack - 1) / 2);
}

void between(std::span<const float> a, std::span<const float> b, double weight,
             std::span<float> to) {
  for (size_t d = 0; d < to.size(); ++d) {
    to[d] = static_cast<float>(a[d] + weight * (static_cast<double>(b[d]) - a[d]));
  }
}

Matrix at_times(const Matrix& rows, double hop_s, std::span<const double> times_s, int64_t stack,
                double spacing_s) {
  assert(rows.rows > 0 && hop_s > 0 && stack % 2 == 1);
  const auto frames = static_cast<int64_t>(times_s.size());
  const double last = static_cast<double>(rows.rows - 1);
  const auto dim = static_cast<size_t>(rows.cols);
  Matrix out(frames, rows.cols * stack);
  for (int64_t j = 0; j < frames; ++j) {
    for (int64_t i = 0; i < stack; ++i) {
      const auto at =
          place(neighbour_s(times_s[static_cast<size_t>(j)], i, stack, spacing_s), hop_s, last);
      const auto above = std::min(at.below + 1, rows.rows - 1);
      between(rows.row(at.below), rows.row(above), at.weight,
              out.row(j).subspan(static_cast<size_t>(i) * dim, dim));
    }
  }
  return out;
}

}  // namespace kuchi::features
