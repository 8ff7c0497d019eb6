#include <vector>

#include "eval/blocks.h"
#include "eval/metric.h"
#include "eval/silence.h"
#include "stats/moments.h"

namespace kuchi::eval {
namespace {

void collect(const ClipResult& clip, std::span<const float> aperture, MatrixOf<double>& rows) {
  if (clip.audio.empty() || aperture.empty()) return;
  const auto levels = frame_levels(clip.audio, clip.audio_hz, clip.fps, clip.target.rows);
  const std::vector<double> lips(aperture.begin(), aperture.end());
  if (const auto r = stats::pearson(levels, lips)) {
    rows(0, 0) = *r;
    rows(0, 1) = 1;
  }
}

}  // namespace

/// Speech and lip correlation: Pearson's r of the sound's level and the predicted aperture, mean
/// over clips. (To make both z-scores first changes nothing.)
ClipMetric slcc() {
  return {"slcc",
          "",
          2,
          false,
          [](const ClipResult& clip, const ClipContext&, std::span<const int64_t>,
             MatrixOf<double>& rows) { collect(clip, clip.prediction_aperture, rows); },
          mean_of_sums};
}

/// The same of the target: what there is to reach.
ClipMetric slcc_target() {
  return {"slcc_target",
          "",
          2,
          false,
          [](const ClipResult& clip, const ClipContext&, std::span<const int64_t>,
             MatrixOf<double>& rows) { collect(clip, clip.target_aperture, rows); },
          mean_of_sums};
}

}  // namespace kuchi::eval
