#include "post/savgol.h"

#include <algorithm>
#include <vector>

#include "curves/least_squares.h"

namespace kuchi::post {
namespace {

/// How much each of `frames` values counts for the fitted polynomial's value at place `at` of them.
std::vector<double> weights(int64_t frames, int64_t order, int64_t at) {
  const auto n = static_cast<size_t>(order + 1);
  const double half = static_cast<double>(frames - 1) / 2;
  // Legendre polynomials of the places, brought to [-1, 1]: powers would be nearly dependent.
  const auto basis = [&](int64_t place) {
    const double x = (static_cast<double>(place) - half) / half;
    std::vector<double> out(n, 1);
    if (n > 1) out[1] = x;
    for (size_t k = 2; k < n; ++k) {
      const auto m = static_cast<double>(k);
      out[k] = ((2 * m - 1) * x * out[k - 1] - (m - 1) * out[k - 2]) / m;
    }
    return out;
  };
  MatrixOf<double> normal(order + 1, order + 1);
  for (int64_t place = 0; place < frames; ++place) {
    const auto row = basis(place);
    for (int64_t i = 0; i <= order; ++i) {
      for (int64_t j = 0; j <= order; ++j) {
        normal(i, j) += row[static_cast<size_t>(i)] * row[static_cast<size_t>(j)];
      }
    }
  }
  const auto pulled = curves::solved(normal, basis(at)).value();
  std::vector<double> out;
  for (int64_t place = 0; place < frames; ++place) {
    const auto row = basis(place);
    double sum = 0;
    for (size_t k = 0; k < n; ++k) sum += row[k] * pulled[k];
    out.push_back(sum);
  }
  return out;
}

}  // namespace

Matrix savgol(const Matrix& values, int64_t frames, int64_t order) {
  frames = std::min(frames, values.rows % 2 == 1 ? values.rows : values.rows - 1);
  if (frames <= order) return values;
  const int64_t half = frames / 2;
  std::vector<std::vector<double>> by_place;
  for (int64_t at = 0; at < frames; ++at) by_place.push_back(weights(frames, order, at));
  Matrix out(values.rows, values.cols);
  std::vector<double> sums(static_cast<size_t>(values.cols));
  for (int64_t t = 0; t < values.rows; ++t) {
    const int64_t first = std::clamp<int64_t>(t - half, 0, values.rows - frames);
    const auto& w = by_place[static_cast<size_t>(t - first)];
    std::fill(sums.begin(), sums.end(), 0.0);
    for (int64_t k = 0; k < frames; ++k) {
      const auto row = values.row(first + k);
      for (size_t c = 0; c < sums.size(); ++c) sums[c] += w[static_cast<size_t>(k)] * row[c];
    }
    for (size_t c = 0; c < sums.size(); ++c) {
      out(t, static_cast<int64_t>(c)) = static_cast<float>(sums[c]);
    }
  }
  return out;
}

}  // namespace kuchi::post
