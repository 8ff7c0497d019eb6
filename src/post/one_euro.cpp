#include "post/one_euro.h"

#include <cmath>
#include <numbers>

namespace kuchi::post {
namespace {

/// Weight of the new value in a low pass.
double alpha(double fps, double cutoff_hz) {
  const double lag_s = 1 / (2 * std::numbers::pi * cutoff_hz);
  return 1 / (1 + lag_s * fps);
}

}  // namespace

OneEuro::OneEuro(double fps, double min_cutoff_hz, double beta, double derivative_cutoff_hz)
    : fps_(fps),
      min_cutoff_hz_(min_cutoff_hz),
      beta_(beta),
      derivative_cutoff_hz_(derivative_cutoff_hz) {}

void OneEuro::filter(std::span<float> frame) {
  if (value_.empty()) {
    value_.assign(frame.begin(), frame.end());
    speed_.assign(frame.size(), 0);
    return;
  }
  const double of_speed = alpha(fps_, derivative_cutoff_hz_);
  for (size_t c = 0; c < frame.size(); ++c) {
    const double x = frame[c];
    speed_[c] += of_speed * ((x - value_[c]) * fps_ - speed_[c]);
    value_[c] += alpha(fps_, min_cutoff_hz_ + beta_ * std::abs(speed_[c])) * (x - value_[c]);
    frame[c] = static_cast<float>(value_[c]);
  }
}

}  // namespace kuchi::post
