#include <vector>

#include "eval/blocks.h"
#include "eval/metric.h"
#include "eval/silence.h"
#include "stats/moments.h"

namespace kuchi::eval {
namespace {

/// Pearson's r of the sound's level and an aperture, mean over clips.
template <std::vector<float> ClipResult::*Aperture>
ClipMetric correlation(std::string_view name) {
  return {name,
          "",
          2,
          false,
          [](const ClipResult& clip, const ClipContext&, std::span<const int64_t>,
             MatrixOf<double>& rows) {
            const auto& aperture = clip.*Aperture;
            if (clip.audio.empty() || aperture.empty()) return;
            const auto levels = frame_levels(clip.audio, clip.audio_hz, clip.fps, clip.target.rows);
            const std::vector<double> lips(aperture.begin(), aperture.end());
            if (const auto r = stats::pearson(levels, lips)) {
              rows(0, 0) = *r;
              rows(0, 1) = 1;
            }
          },
          mean_of_sums};
}

}  // namespace

/// Speech and lip correlation of the prediction. (To make both z-scores first changes nothing.)
ClipMetric slcc() { return correlation<&ClipResult::prediction_aperture>("slcc"); }

/// The same of the target: what there is to reach.
ClipMetric slcc_target() { return correlation<&ClipResult::target_aperture>("slcc_target"); }

}  // namespace kuchi::eval
