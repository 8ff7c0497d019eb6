#include <algorithm>
#include <cmath>

#include "eval/blocks.h"
#include "eval/metric.h"
#include "eval/silence.h"

namespace kuchi::eval {
namespace {
constexpr double kAfter_s = 0.5;
constexpr double kNear = 0.05;  // of a curve's range

bool at_rest(const ClipResult& clip, int64_t frame, std::span<const CurveInfo> curves) {
  const auto values = clip.prediction.row(frame);
  for (size_t c = 0; c < values.size(); ++c) {
    if (!clip.has(static_cast<int64_t>(c))) continue;
    const double away = std::abs(static_cast<double>(values[c]) - curves[c].rest);
    // float values against a bound in decimals: 0.05f is a little over 0.05.
    if (!(away <= kNear * curves[c].range + 1e-6)) return false;
  }
  return true;
}

void collect(const ClipResult& clip, const ClipContext& context, std::span<const int64_t>,
             MatrixOf<double>& rows) {
  const auto silent = silent_frames(clip);
  const auto spoken = std::find(silent.rbegin(), silent.rend(), false);
  if (spoken == silent.rend()) return;  // no audio, or no speech
  const int64_t last = silent.rend() - spoken - 1;
  const auto begin = last + static_cast<int64_t>(std::ceil(kAfter_s * clip.fps - 1e-9));
  if (begin >= clip.prediction.rows) return;  // cut before a rest could show
  bool rests = true;
  for (int64_t t = begin; t < clip.prediction.rows; ++t) {
    rests = rests && at_rest(clip, t, context.curves);
  }
  rows(0, 0) = rests ? 100 : 0;
  rows(0, 1) = 1;
}

}  // namespace

/// Share of clips whose mouth is at rest from 500 ms after the last speech on. Clips that end
/// sooner are not counted.
ClipMetric rest() { return {"rest", "%", 2, false, collect, mean_of_sums}; }

}  // namespace kuchi::eval
