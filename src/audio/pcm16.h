#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace kuchi::audio {

/// A sample as 16-bit files hold it. Clips at ±1; NaN is silence.
inline int16_t to_pcm16(float x) {
  if (std::isnan(x)) return 0;
  return static_cast<int16_t>(std::lround(std::clamp(x, -1.0f, 1.0f) * 32767.0f));
}

}  // namespace kuchi::audio
