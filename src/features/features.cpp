#include "features/features.h"

#include <cmath>
#include <stdexcept>

#include "core/text.h"
#include "features/at_times.h"
#include "features/log_mel.h"

namespace kuchi::features {

void describe(config::Section& section, Options& options) {
  section.about("What a model hears: speech features, brought to the curves' frames by time.");
  section.add("kind", options.kind).choices({"logmel"}).help("the feature");
  section.add("stack", options.stack)
      .at_least(1)
      .at_most(31)
      .odd()
      .unit("frames")
      .help("neighbours 10 ms apart around a curve frame's time, so that bursts are not missed");
}

int64_t dim(const Options& options) { return kMels * options.stack; }

std::string signature(const Options& options) {
  return cat("logmel", kMels, "-htk-hann", kWindowSamples, "-hop", kHopSamples, "-stack",
             options.stack);
}

int64_t frame_count(int64_t samples, double fps) {
  if (samples < 0 || !(fps > 0) || fps > 1e6) {
    throw std::logic_error("frame_count: samples or fps out of range");
  }
  const auto whole = static_cast<int64_t>(fps);
  if (static_cast<double>(whole) == fps) {
    // In two steps: the product of a long clip and a high rate need not fit.
    return samples / audio::kRate * whole + samples % audio::kRate * whole / audio::kRate;
  }
  return static_cast<int64_t>(
      std::floor(static_cast<double>(samples) * fps / audio::kRate + kWholeWithin));
}

Matrix compute(const Options& options, std::span<const float> samples, double fps, int64_t frames) {
  return at_times(log_mel(samples), kHop_s, fps, frames, options.stack, kSpacing_s);
}

Matrix base_frames(const Options&, std::span<const float> samples) { return log_mel(samples); }

Matrix frames_at(const Options& options, const Matrix& base, std::span<const double> times_s) {
  return at_times(base, kHop_s, times_s, options.stack, kSpacing_s);
}

}  // namespace kuchi::features
