#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>
#include <numbers>

#include "curves/cadence.h"
#include "curves/track.h"

namespace kuchi::curves {
namespace {

constexpr double kGridTolerance_s = 1e-6;
constexpr double kSameRate = 1.01;  // rates this near are one: a capture's 30.004 is 30
// Kaiser's design (Oppenheim & Schafer, Discrete-Time Signal Processing, 7.5): 55 dB from the new
// Nyquist rate on, with a kernel of 12 new frames to each side.
constexpr double kHalfWidth = 12;  // new frames
constexpr double kAttenuation_db = 55;
constexpr double kBeta = 0.1102 * (kAttenuation_db - 8.7);
constexpr double kTransition =  // of the new rate
    (kAttenuation_db - 7.95) / (14.36 * 2 * kHalfWidth);
constexpr double kCutoff = 0.5 - kTransition / 2;  // of the new rate

bool on_grid(const Track& track, double fps) {
  for (size_t i = 0; i < track.times_s.size(); ++i) {
    if (std::abs(track.times_s[i] - static_cast<double>(i) / fps) > kGridTolerance_s) return false;
  }
  return true;
}

/// Row j, the last one from there on.
Matrix held_rows(const Track& track, int64_t frames) {
  if (frames == track.values.rows) return track.values;
  Matrix out(frames, track.values.cols);
  for (int64_t j = 0; j < frames; ++j) {
    const auto row = track.values.row(std::min(j, track.values.rows - 1));
    std::copy(row.begin(), row.end(), out.row(j).begin());
  }
  return out;
}

Matrix interpolated(const Track& track, double fps, int64_t frames) {
  Matrix out(frames, track.values.cols);
  const auto& times = track.times_s;
  size_t next = 0;  // the first row after the frame's time
  for (int64_t j = 0; j < frames; ++j) {
    const double t = static_cast<double>(j) / fps;
    while (next < times.size() && times[next] <= t) ++next;
    const size_t high = std::min(next, times.size() - 1);
    const size_t low = next > 0 ? next - 1 : 0;
    const double share = high > low ? (t - times[low]) / (times[high] - times[low]) : 0;
    const auto a = track.values.row(static_cast<int64_t>(low));
    const auto b = track.values.row(static_cast<int64_t>(high));
    auto to = out.row(j);
    for (size_t c = 0; c < to.size(); ++c) {
      to[c] = static_cast<float>(a[c] + share * (static_cast<double>(b[c]) - a[c]));
    }
  }
  return out;
}

/// Modified Bessel function of the first kind, order 0, by its series.
double bessel_i0(double x) {
  double term = 1, sum = 1;
  for (int k = 1; term > 1e-12 * sum; ++k) {
    term *= (x / (2 * k)) * (x / (2 * k));
    sum += term;
  }
  return sum;
}

/// x in new frames from the centre.
double kernel(double x) {
  const double edge = x / kHalfWidth;
  if (std::abs(edge) >= 1) return 0;
  const double phase = 2 * std::numbers::pi * kCutoff * x;
  const double sinc = phase == 0 ? 1 : std::sin(phase) / phase;
  return sinc * bessel_i0(kBeta * std::sqrt(1 - edge * edge));
}

/// The track with rows held beyond both ends, a kernel's width of them.
class Held {
 public:
  Held(const Track& track, double step_s, double width_s)
      : track_(track), step_s_(step_s), pad_(static_cast<int64_t>(width_s / step_s) + 2) {}
  int64_t first() const { return -pad_; }
  int64_t last() const { return track_.values.rows - 1 + pad_; }
  double time(int64_t i) const {
    const int64_t rows = track_.values.rows;
    if (i < 0) return track_.times_s.front() + static_cast<double>(i) * step_s_;
    if (i < rows) return track_.times_s[static_cast<size_t>(i)];
    return track_.times_s.back() + static_cast<double>(i - rows + 1) * step_s_;
  }
  /// The time a row stands for: half-way to either neighbour. Rows of uneven spacing weigh so.
  double span(int64_t i) const { return (time(i + 1) - time(i - 1)) / 2; }
  std::span<const float> row(int64_t i) const {
    return track_.values.row(std::clamp<int64_t>(i, 0, track_.values.rows - 1));
  }

 private:
  const Track& track_;
  double step_s_;
  int64_t pad_;
};

void keep_within_seen(const Matrix& seen, Matrix& out) {
  for (int64_t c = 0; c < out.cols; ++c) {
    float low = std::numeric_limits<float>::max(), high = std::numeric_limits<float>::lowest();
    for (int64_t t = 0; t < seen.rows; ++t) {
      low = std::min(low, seen(t, c));
      high = std::max(high, seen(t, c));
    }
    for (int64_t t = 0; t < out.rows; ++t) out(t, c) = std::clamp(out(t, c), low, high);
  }
}

Matrix low_passed(const Track& track, double step_s, double fps, int64_t frames) {
  const double width_s = kHalfWidth / fps;
  const Held held(track, step_s, width_s);
  Matrix out(frames, track.values.cols);
  std::vector<double> sums(static_cast<size_t>(out.cols));
  int64_t from = held.first();
  for (int64_t j = 0; j < frames; ++j) {
    const double t = static_cast<double>(j) / fps;
    while (from < held.last() && held.time(from) < t - width_s) ++from;
    std::fill(sums.begin(), sums.end(), 0.0);
    double total = 0;
    for (int64_t i = from; i <= held.last() && held.time(i) <= t + width_s; ++i) {
      const double weight = kernel((held.time(i) - t) * fps) * held.span(i);
      const auto row = held.row(i);
      for (size_t c = 0; c < sums.size(); ++c) sums[c] += weight * row[c];
      total += weight;
    }
    const auto last = held.row(held.last());
    for (size_t c = 0; c < sums.size(); ++c) {
      out(j, static_cast<int64_t>(c)) =
          total > 0 ? static_cast<float>(sums[c] / total) : last[c];  // far past the end
    }
  }
  // A sinc overshoots beside a jump: a curve that never left its range shall not leave it now.
  keep_within_seen(track.values, out);
  return out;
}

}  // namespace

Matrix resample(const Track& track, double fps, int64_t frames) {
  assert(track.values.rows > 0 && fps > 0 && frames >= 0);
  if (track.values.rows == 1 || on_grid(track, fps)) return held_rows(track, frames);
  const double step_s = cadence(track.times_s).step_s;
  if (1 / step_s > fps * kSameRate) return low_passed(track, step_s, fps, frames);
  return interpolated(track, fps, frames);
}

}  // namespace kuchi::curves
