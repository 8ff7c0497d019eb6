#include "encoders/windows.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "core/text.h"

namespace kuchi::encoders {

Hidden forward_windowed(Encoder& encoder, const at::Tensor& clip, const Wanted& wanted,
                        const Windows& windows) {
  const auto& config = encoder.config();
  if (windows.window_s <= 0) return encoder.forward({clip}, wanted);
  if (windows.overlap_s < 0 || 2 * windows.overlap_s >= windows.window_s) {
    throw UserError(Exit::config,
                    cat("windows of ", number(windows.window_s), " s cannot overlap by ",
                        number(windows.overlap_s), " s; less than half is needed"));
  }
  const auto projected = encoder.project(encoder.front_end({clip}));
  const int64_t frames = projected.x.size(0);
  const auto length = std::max<int64_t>(1, std::llround(windows.window_s / config.hop_s()));
  const auto half = static_cast<int64_t>(windows.overlap_s / config.hop_s() / 2);
  const int64_t step = std::max<int64_t>(1, length - 2 * half);
  std::vector<at::Tensor> last;
  std::vector<std::vector<at::Tensor>> layers(wanted.layers.size());
  for (int64_t begin = 0;; begin += step) {
    const int64_t count = std::min(length, frames - begin);
    const bool ends = begin + count == frames;
    const auto h = encoder.transform({projected.x.narrow(0, begin, count), {0, count}}, wanted);
    const int64_t skip = begin == 0 ? 0 : half, keep = count - skip - (ends ? 0 : half);
    const auto part = [&](const at::Tensor& x) { return x.narrow(0, skip, keep).clone(); };
    if (wanted.last) last.push_back(part(h.last));
    for (size_t i = 0; i < layers.size(); ++i) layers[i].push_back(part(h.layers[i]));
    if (ends) break;
  }
  Hidden out;
  out.offsets = {0, frames};
  if (wanted.last) out.last = at::cat(last);
  for (const auto& parts : layers) out.layers.push_back(at::cat(parts));
  return out;
}

}  // namespace kuchi::encoders
