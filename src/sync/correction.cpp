#include "sync/correction.h"

#include <algorithm>
#include <cmath>

namespace kuchi::sync {
namespace {
constexpr double kHalfSure = 0.5;
constexpr double kErrors = 3;  // standard errors of a drift that is believed

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const size_t n = values.size();
  return (values[(n - 1) / 2] + values[n / 2]) / 2;
}
}  // namespace

std::optional<double> usual_lag_ms(std::span<const std::optional<Estimate>> clips) {
  std::vector<double> sure, all;
  for (const auto& clip : clips) {
    if (!clip) continue;
    all.push_back(clip->lag_ms);
    if (clip->confidence >= kHalfSure) sure.push_back(clip->lag_ms);
  }
  if (all.empty()) return std::nullopt;
  return median(sure.empty() ? all : sure);
}

Correction correction_of(const Estimate& clip, double usual_ms, const Options& options) {
  Correction out;
  if (!corrects(options) || clip.confidence < options.confidence) return out;
  const double drift = clip.drift_ppm.value_or(0);
  const bool drifts = options.drift && std::abs(drift) > kErrors * clip.drift_error_ppm &&
                      std::abs(drift) * clip.seconds / 1000 > options.over_ms;
  if (drifts) out.slope_ppm = drift;
  if (options.correct != "deviation") return out;
  // The lag in the middle of the clip, of which the slope already takes its part.
  const double deviation = clip.lag_ms - usual_ms;
  const double left = deviation - (drifts ? drift * clip.seconds / 2000 : 0);
  if (drifts || std::abs(deviation) > options.over_ms) out.shift_ms = left;
  return out;
}

void apply(const Correction& correction, curves::Track& track) {
  for (double& time : track.times_s) {
    time += correction.shift_ms / 1000 + correction.slope_ppm * 1e-6 * time;
  }
  if (track.times_s.size() > 1) {
    track.fps = static_cast<double>(track.times_s.size() - 1) /
                (track.times_s.back() - track.times_s.front());
  }
}

}  // namespace kuchi::sync
