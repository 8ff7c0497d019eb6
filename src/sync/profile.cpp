#include "sync/profile.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "curves/least_squares.h"

namespace kuchi::sync {
namespace {

constexpr double kRidge = 0.1;
constexpr int64_t kMostWindows = 240;
constexpr double kMostDrift_s = 2;  // lag that a drift may add at an end: half an hour at most ppm

/// Inverse of a symmetric positive matrix.
std::array<double, kBands * kBands> inverted(const MatrixOf<double>& matrix) {
  std::array<double, kBands * kBands> out{};
  for (size_t column = 0; column < kBands; ++column) {
    std::array<double, kBands> unit{};
    unit[column] = 1;
    const auto x = curves::solved(matrix, unit).value();
    for (size_t i = 0; i < kBands; ++i) out[i * kBands + column] = x[i];
  }
  return out;
}

double quadratic(const std::array<double, kBands * kBands>& matrix,
                 const std::array<double, kBands>& x) {
  double sum = 0;
  for (size_t i = 0; i < x.size(); ++i) {
    for (size_t j = 0; j < x.size(); ++j) sum += x[i] * matrix[i * x.size() + j] * x[j];
  }
  return sum;
}

}  // namespace

Profile::Profile(const MatrixOf<double>& heard, const std::vector<double>& seen) {
  const int64_t n = heard.rows;
  if (n != static_cast<int64_t>(seen.size()) || heard.cols != kBands) {
    throw std::logic_error("sync::Profile: sound and lips of unlike length");
  }
  seconds_ = static_cast<double>(n) / kRate_hz;
  drift_reach_s_ = std::min(kMostDrift_s, kLargestDrift_ppm * 1e-6 * seconds_ / 2);
  longest_ = static_cast<int64_t>(std::ceil((kLongest_s + 2 * drift_reach_s_) * kRate_hz)) + 2;
  const int64_t count = std::clamp<int64_t>(std::llround(seconds_ / kWindow_s), 1, kMostWindows);
  const int64_t lags = 2 * longest_ + 1;
  sums_.assign(static_cast<size_t>(count * lags * kBands), 0.0);
  for (int64_t w = 0; w < count; ++w) {
    const int64_t begin = n * w / count, end = n * (w + 1) / count;
    middles_s_.push_back(static_cast<double>(begin + end) / 2 / kRate_hz);
    counts_.push_back(static_cast<double>(end - begin));
    double lips = 0;
    for (int64_t t = begin; t < end; ++t) {
      const double y = seen[static_cast<size_t>(t)];
      lips += y * y;
      const int64_t low = std::max(t - longest_, int64_t{0});
      const int64_t high = std::min(t + longest_, n - 1);
      double* to = sums_.data() + ((w * lags) + low - t + longest_) * kBands;
      const double* from = heard.data.data() + low * kBands;
      for (int64_t i = 0; i < (high - low + 1) * kBands; ++i) to[i] += y * from[i];
    }
    window_energy_.push_back(lips);
    variance_ += lips;
  }
  variance_ /= static_cast<double>(std::max<int64_t>(n, 1));
  double trace = 0;
  for (int64_t i = 0; i < kBands; ++i) {
    for (int64_t j = 0; j < kBands; ++j) {
      double sum = 0;
      for (int64_t t = 0; t < n; ++t) sum += heard(t, i) * heard(t, j);
      covariance_[static_cast<size_t>(i * kBands + j)] =
          sum / static_cast<double>(std::max<int64_t>(n, 1));
    }
    trace += covariance_[static_cast<size_t>(i * kBands + i)];
  }
  if (!(trace > 1e-12) || !(variance_ > 1e-12)) {
    variance_ = 0;  // silence, or lips that do not move
    return;
  }
  MatrixOf<double> ridged(kBands, kBands);
  std::copy(covariance_.begin(), covariance_.end(), ridged.data.begin());
  for (int64_t i = 0; i < kBands; ++i) ridged(i, i) += kRidge * trace / kBands;
  inverse_ = inverted(ridged);
}

Profile::Row Profile::cross(int64_t window, double lag_s) const {
  const double place = std::clamp(lag_s * kRate_hz + static_cast<double>(longest_), 1.0,
                                  static_cast<double>(2 * longest_ - 1) - 1e-9);
  const auto before = static_cast<int64_t>(place);
  const double x = place - static_cast<double>(before);
  const std::array<double, 4> weights = {((-0.5 * x + 1) * x - 0.5) * x,
                                         (1.5 * x - 2.5) * x * x + 1,
                                         ((-1.5 * x + 2) * x + 0.5) * x, (0.5 * x - 0.5) * x * x};
  const double* at = sums_.data() + (window * (2 * longest_ + 1) + before - 1) * kBands;
  Row out{};
  for (size_t k = 0; k < 4; ++k) {
    for (size_t b = 0; b < kBands; ++b) out[b] += weights[k] * at[k * kBands + b];
  }
  return out;
}

Profile::Row Profile::cross(const Line& line) const {
  Row sum{};
  const double frames = seconds_ * kRate_hz;
  for (int64_t w = 0; w < windows(); ++w) {
    const Row one = cross(w, lag_at(line, middles_s_[static_cast<size_t>(w)]));
    for (size_t b = 0; b < kBands; ++b) sum[b] += one[b];
  }
  // Frames whose partner lies outside the clip are none.
  const double used = std::max(frames - std::abs(line.middle_s) * kRate_hz, frames / 4);
  for (double& value : sum) value /= used;
  return sum;
}

double Profile::r2(const Line& line) const {
  if (!moves()) return 0;
  return std::clamp(quadratic(inverse_, cross(line)) / variance_, 0.0, 1.0);
}

std::array<double, kBands> Profile::map(const Line& line) const {
  const Row k = cross(line);
  Row out{};
  for (size_t i = 0; i < kBands; ++i) {
    for (size_t j = 0; j < kBands; ++j) out[i] += inverse_[i * kBands + j] * k[j];
  }
  return out;
}

double Profile::strength(int64_t window, double lag_s,
                         const std::array<double, kBands>& map) const {
  const Row k = cross(window, lag_s);
  double sum = 0;
  for (size_t b = 0; b < kBands; ++b) sum += map[b] * k[b];
  const auto w = static_cast<size_t>(window);
  const double energy = window_energy_[w] * quadratic(covariance_, map) * counts_[w];
  return energy > 0 ? sum / std::sqrt(energy) : 0;
}

}  // namespace kuchi::sync
