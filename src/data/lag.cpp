#include "data/lag.h"

#include <algorithm>
#include <cmath>

#include "audio/audio.h"

namespace kuchi::data {

int64_t heard_frame(int64_t t, int64_t lag, int64_t frames) {
  return std::clamp<int64_t>(t + lag, 0, frames - 1);
}

std::vector<float> on_curve_time(std::span<const float> audio, int64_t lag, double fps) {
  const auto shift =
      static_cast<int64_t>(std::llround(static_cast<double>(lag) * audio::kRate / fps));
  const auto count = static_cast<int64_t>(audio.size());
  std::vector<float> out(audio.size(), 0);
  const int64_t begin = std::max<int64_t>(0, -shift), end = std::min(count, count - shift);
  if (begin < end) {
    std::copy(audio.begin() + begin + shift, audio.begin() + end + shift, out.begin() + begin);
  }
  return out;
}

}  // namespace kuchi::data
