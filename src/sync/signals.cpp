#include "sync/signals.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "features/log_mel.h"

namespace kuchi::sync {
namespace {

constexpr double kFloor = 1e-5;  // of the loud frames' power: 50 dB
constexpr double kLoud = 0.95;   // quantile
constexpr double kReach = 4;     // standard deviations of a kernel
constexpr int64_t kStep = 2;     // log-mel rows a frame
constexpr int64_t kGroup = features::kMels / kBands;
static_assert(kGroup * kBands == features::kMels);

std::vector<double> gaussian(double sigma_s) {
  const double sigma = sigma_s * kRate_hz;
  const auto reach = static_cast<int64_t>(kReach * sigma + 0.5);
  std::vector<double> kernel;
  double sum = 0;
  for (int64_t i = -reach; i <= reach; ++i) {
    const double x = static_cast<double>(i) / sigma;
    kernel.push_back(std::exp(-x * x / 2));
    sum += kernel.back();
  }
  for (double& value : kernel) value /= sum;
  return kernel;
}

/// A column smoothed; beyond its ends it goes on as it is there.
std::vector<double> smoothed(const std::vector<double>& column, const std::vector<double>& kernel) {
  const auto reach = static_cast<int64_t>(kernel.size() / 2);
  const auto n = static_cast<int64_t>(column.size());
  std::vector<double> padded;
  padded.reserve(column.size() + kernel.size());
  padded.insert(padded.end(), static_cast<size_t>(reach), column.front());
  padded.insert(padded.end(), column.begin(), column.end());
  padded.insert(padded.end(), static_cast<size_t>(reach), column.back());
  std::vector<double> out(column.size(), 0.0);
  for (size_t k = 0; k < kernel.size(); ++k) {
    const double weight = kernel[k];
    const double* from = padded.data() + k;
    for (int64_t i = 0; i < n; ++i) out[static_cast<size_t>(i)] += weight * from[i];
  }
  return out;
}

std::vector<double> band_passed(std::vector<double> column) {
  static const std::vector<double> slow = gaussian(kSlow_s), fast = gaussian(kFast_s);
  const auto trend = smoothed(column, slow);
  for (size_t i = 0; i < column.size(); ++i) column[i] -= trend[i];
  return smoothed(column, fast);
}

/// Mean power of each group of mel bands, [rows, kBands].
MatrixOf<double> group_power(const Matrix& log_mel) {
  MatrixOf<double> power(log_mel.rows, kBands);
  for (int64_t t = 0; t < log_mel.rows; ++t) {
    const auto row = log_mel.row(t);
    for (int64_t b = 0; b < kBands; ++b) {
      double sum = 0;
      for (int64_t i = 0; i < kGroup; ++i) {
        sum += std::exp(row[static_cast<size_t>(b * kGroup + i)]) -
               static_cast<float>(features::kLogFloor);
      }
      power(t, b) = std::max(0.0, sum / kGroup);
    }
  }
  return power;
}

/// Power of the loud frames, a band.
double loudness(const MatrixOf<double>& power) {
  std::vector<double> totals;
  for (int64_t t = 0; t < power.rows; ++t) {
    double sum = 0;
    for (const double value : power.row(t)) sum += value;
    totals.push_back(sum / kBands);
  }
  const auto place =
      totals.begin() + static_cast<std::ptrdiff_t>(kLoud * static_cast<double>(totals.size() - 1));
  std::nth_element(totals.begin(), place, totals.end());
  return *place;
}

}  // namespace

MatrixOf<double> heard(const Matrix& log_mel) {
  if (log_mel.rows < 1 || log_mel.cols != features::kMels) {
    throw std::logic_error("sync::heard: not a log-mel spectrogram");
  }
  MatrixOf<double> power = group_power(log_mel);
  const double floor = std::max(loudness(power) * kFloor, features::kLogFloor * kFloor);
  for (double& value : power.data) value = std::log(value + floor);
  const int64_t frames = (power.rows + kStep - 1) / kStep;
  MatrixOf<double> out(frames, kBands);
  for (int64_t b = 0; b < kBands; ++b) {
    std::vector<double> column(static_cast<size_t>(frames));
    for (int64_t t = 0; t < frames; ++t) {
      const int64_t at = t * kStep;  // with its neighbours, since every second row is taken
      const double before = power(std::max<int64_t>(at - 1, 0), b);
      const double after = power(std::min(at + 1, power.rows - 1), b);
      column[static_cast<size_t>(t)] = before / 4 + power(at, b) / 2 + after / 4;
    }
    column = band_passed(std::move(column));
    for (int64_t t = 0; t < frames; ++t) out(t, b) = column[static_cast<size_t>(t)];
  }
  return out;
}

std::vector<double> seen(const curves::Track& track, const curves::Rig& rig, int64_t frames) {
  curves::Track lips;
  lips.times_s = track.times_s;
  lips.values = Matrix(track.values.rows, 1);
  lips.values.data = curves::aperture(rig, track.values.data, track.values.rows);
  const Matrix even = curves::resample(lips, kRate_hz, frames);
  if (frames == 0) return {};
  return band_passed({even.data.begin(), even.data.end()});
}

}  // namespace kuchi::sync
