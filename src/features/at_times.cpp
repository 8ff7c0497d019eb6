#include "features/at_times.h"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace kuchi::features {

Matrix at_times(const Matrix& rows, double hop_s, double fps, int64_t frames, int64_t stack,
                double spacing_s) {
  assert(rows.rows > 0 && hop_s > 0 && fps > 0 && frames >= 0 && stack % 2 == 1);
  const double last = static_cast<double>(rows.rows - 1);
  const auto dim = static_cast<size_t>(rows.cols);
  Matrix out(frames, rows.cols * stack);
  for (int64_t j = 0; j < frames; ++j) {
    for (int64_t i = 0; i < stack; ++i) {
      const double t = static_cast<double>(j) / fps +
                       spacing_s * (static_cast<double>(i) - static_cast<double>(stack - 1) / 2);
      const double position = std::clamp(t / hop_s, 0.0, last);
      const auto below = static_cast<int64_t>(std::floor(position));
      const auto above = std::min(below + 1, rows.rows - 1);
      const double weight = position - static_cast<double>(below);
      const auto a = rows.row(below), b = rows.row(above);
      const auto to = out.row(j).subspan(static_cast<size_t>(i) * dim, dim);
      for (size_t d = 0; d < dim; ++d) {
        to[d] = static_cast<float>(a[d] + weight * (static_cast<double>(b[d]) - a[d]));
      }
    }
  }
  return out;
}

}  // namespace kuchi::features
