#include "features/log_mel.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <vector>

namespace kuchi::features {
namespace {

constexpr double kLowHz = 20, kHighHz = 8000;
static_assert(kFft == Fft512::kSize);

double mel(double hz) { return 2595.0 * std::log10(1.0 + hz / 700.0); }
double hz(double mel) { return 700.0 * (std::pow(10.0, mel / 2595.0) - 1.0); }

// Corners at equal steps in mel, sides straight in Hz.
MatrixOf<double> make_filters() {
  std::array<double, kMels + 2> corner;
  for (int i = 0; i < kMels + 2; ++i) {
    corner[i] = hz(mel(kLowHz) + (mel(kHighHz) - mel(kLowHz)) * i / (kMels + 1));
  }
  MatrixOf<double> filters(kMels, Fft512::kBins);
  for (int m = 0; m < kMels; ++m) {
    for (int k = 0; k < Fft512::kBins; ++k) {
      const double f = static_cast<double>(audio::kRate) * k / kFft;
      const double up = (f - corner[m]) / (corner[m + 1] - corner[m]);
      const double down = (corner[m + 2] - f) / (corner[m + 2] - corner[m + 1]);
      filters(m, k) = std::max(0.0, std::min(up, down));
    }
  }
  return filters;
}

// A filter's bins that are not zero.
struct Band {
  int first = 0;
  std::vector<double> weights;
};

std::vector<Band> make_bands() {
  const auto& filters = mel_filters();
  std::vector<Band> bands(kMels);
  for (int m = 0; m < kMels; ++m) {
    int first = 0, last = Fft512::kBins;
    while (first < last && filters(m, first) == 0) ++first;
    while (last > first && filters(m, last - 1) == 0) --last;
    bands[m].first = first;
    for (int k = first; k < last; ++k) bands[m].weights.push_back(filters(m, k));
  }
  return bands;
}

std::array<double, kWindowSamples> make_window() {
  std::array<double, kWindowSamples> window;
  for (int i = 0; i < kWindowSamples; ++i) {
    window[i] = 0.5 - 0.5 * std::cos(2 * std::numbers::pi * i / kWindowSamples);
  }
  return window;
}

}  // namespace

const MatrixOf<double>& mel_filters() {
  static const MatrixOf<double> filters = make_filters();
  return filters;
}

const std::array<double, kWindowSamples>& hann_window() {
  static const auto window = make_window();
  return window;
}

void LogMelRow::compute(std::span<const float> samples, std::span<float> row) {
  static const auto& window = hann_window();
  static const auto bands = make_bands();
  for (size_t i = 0; i < kWindowSamples; ++i) frame_[i] = window[i] * samples[i];
  fft_.power(frame_, power_);
  for (size_t m = 0; m < kMels; ++m) {
    double sum = 0;
    const double* p = power_.data() + bands[m].first;
    for (size_t i = 0; i < bands[m].weights.size(); ++i) sum += bands[m].weights[i] * p[i];
    row[m] = static_cast<float>(std::log(sum + kLogFloor));
  }
}

Matrix log_mel(std::span<const float> samples) {
  const auto n = static_cast<int64_t>(samples.size());
  Matrix out(n / kHopSamples + 1, kMels);
  LogMelRow row;
  std::array<float, kWindowSamples> window;
  for (int64_t k = 0; k < out.rows; ++k) {
    const int64_t start = k * kHopSamples - kWindowSamples / 2;
    for (int64_t i = 0; i < kWindowSamples; ++i) {
      const int64_t at = start + i;
      window[static_cast<size_t>(i)] = at >= 0 && at < n ? samples[static_cast<size_t>(at)] : 0.0F;
    }
    row.compute(window, out.row(k));
  }
  return out;
}

}  // namespace kuchi::features
