#include "augment/wsola.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "core/portable_math.h"

namespace kuchi::augment {
namespace {

constexpr int kHop = 256, kWindow = 2 * kHop;
constexpr int kLags = 2 * kWsolaReach;  // -kWsolaReach … kWsolaReach - 1

std::array<float, kWindow> hann() {
  std::array<float, kWindow> window;
  for (int i = 0; i < kWindow; ++i) {
    window[i] = static_cast<float>(0.5 - 0.5 * portable::cos(2 * portable::kPi * i / kWindow));
  }
  return window;
}

/// The lag, from -kWsolaReach, at which `from` is most like `like` over a hop: the largest
/// correlation for its energy. The nearest one to 0 where several are alike.
int best_lag(const float* like, const float* from) {
  std::array<float, kLags> match{};
  const float* first = from - kWsolaReach;
  // Lags inside: the compiler can take four or eight at once, and the order of sums stays.
  for (int i = 0; i < kHop; ++i) {
    for (int lag = 0; lag < kLags; ++lag) match[lag] += like[i] * first[i + lag];
  }
  double energy = 1e-9;
  for (int i = 0; i < kHop; ++i) energy += static_cast<double>(first[i]) * first[i];
  double best = 0;
  int at = kWsolaReach;
  for (int lag = 0; lag < kLags; ++lag) {
    const double score = match[lag] / std::sqrt(std::max(energy, 1e-9));
    const bool nearer = std::abs(lag - kWsolaReach) < std::abs(at - kWsolaReach);
    if (score > best || (score == best && nearer)) {
      best = score;
      at = lag;
    }
    const double gone = first[lag], come = first[lag + kHop];
    energy += come * come - gone * gone;
  }
  return at - kWsolaReach;
}

}  // namespace

std::vector<float> wsola(std::span<const float> audio, double speed) {
  static const auto window = hann();
  const auto count = std::llround(static_cast<double>(audio.size()) / speed);
  constexpr int64_t kPad = kWindow + kHop + kWsolaReach;
  std::vector<float> in(audio.size() + 2 * kPad, 0.0f);
  std::copy(audio.begin(), audio.end(), in.begin() + kPad);
  const int64_t last = static_cast<int64_t>(in.size()) - kWindow - kHop - kWsolaReach;
  std::vector<float> out(static_cast<size_t>(count) + kWindow, 0.0f);  // begins half a window early
  int64_t before = -1;  // where the last window was taken from, in `in`
  for (int64_t centre = 0; centre - kHop < count; centre += kHop) {
    int64_t from = std::llround(static_cast<double>(centre) * speed) + kPad - kHop;
    from = std::min(from, last);
    if (before >= 0) from += best_lag(in.data() + before + kHop, in.data() + from);
    const int64_t end = std::min<int64_t>(kWindow, static_cast<int64_t>(out.size()) - centre);
    for (int64_t i = 0; i < end; ++i) {
      out[static_cast<size_t>(centre + i)] +=
          window[static_cast<size_t>(i)] * in[static_cast<size_t>(from + i)];
    }
    before = std::min(from, last);
  }
  return {out.begin() + kHop, out.begin() + kHop + count};
}

}  // namespace kuchi::augment
