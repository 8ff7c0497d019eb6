#include "augment/sinc.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>

#include "core/portable_math.h"

namespace kuchi::augment {
namespace {

constexpr int kSide = 16, kTaps = 2 * kSide, kPhases = 128;
using Row = std::array<float, kTaps>;

/// Row r: the taps for a place r / kPhases after a sample, the first of them kSide - 1 before it.
std::vector<Row> kernel(double cutoff) {
  std::vector<Row> rows(kPhases + 1);
  for (int r = 0; r <= kPhases; ++r) {
    for (int i = 0; i < kTaps; ++i) {
      const double x = i - (kSide - 1) - static_cast<double>(r) / kPhases;
      const double turn = portable::kPi * x * cutoff;
      const double sinc = std::abs(x) < 1e-9 ? 1.0 : portable::sin(turn) / turn;
      const double u = x / kSide;
      const double hann = std::abs(u) >= 1 ? 0 : 0.5 + 0.5 * portable::cos(portable::kPi * u);
      rows[static_cast<size_t>(r)][static_cast<size_t>(i)] =
          static_cast<float>(cutoff * sinc * hann);
    }
  }
  return rows;
}

float dot(const Row& taps, const float* in) {
  float sum = 0;
  for (int i = 0; i < kTaps; ++i) sum += taps[static_cast<size_t>(i)] * in[i];
  return sum;
}

}  // namespace

std::vector<float> read_at_steps(std::span<const float> audio, double step, int64_t count) {
  assert(step >= 0.25 && step <= 4);
  const auto rows = kernel(std::min(1.0, 1 / step));
  std::vector<float> in(audio.size() + 2 * kTaps, 0.0f);
  std::copy(audio.begin(), audio.end(), in.begin() + kTaps);
  const auto last = static_cast<int64_t>(audio.size()) + kSide;  // beyond: zeros alone
  std::vector<float> out(static_cast<size_t>(count));
  for (int64_t m = 0; m < count; ++m) {
    const double place = static_cast<double>(m) * step;
    const auto whole = static_cast<int64_t>(place);
    if (whole >= last) break;
    const double phase = (place - static_cast<double>(whole)) * kPhases;
    const auto row = static_cast<size_t>(phase);
    const auto share = static_cast<float>(phase - static_cast<double>(row));
    const float* from = in.data() + whole + kTaps - (kSide - 1);
    const float a = dot(rows[row], from), b = dot(rows[row + 1], from);
    out[static_cast<size_t>(m)] = a + share * (b - a);
  }
  return out;
}

}  // namespace kuchi::augment
