// Silence before or after speech. Frames keep their number: speech makes room for the silence.
#include <algorithm>
#include <cmath>

#include "audio/audio.h"
#include "augment/changes.h"
#include "augment/noise.h"
#include "core/portable_math.h"

namespace kuchi::augment {
namespace {

constexpr double kFade_s = 0.02;

void declare(config::Section s, Options& options) {
  auto& o = options.silence;
  s.add("p", o.p).at_least(0).at_most(1).help(
      "share of segments that begin, end, or begin and end in silence, the mouth at rest");
  s.add("longest_s", o.longest_s)
      .at_least(0.1)
      .at_most(10)
      .unit("s")
      .help("longest silence on a side; never more than a third of the segment");
  s.add("ease_s", o.ease_s)
      .at_least(0)
      .at_most(1)
      .unit("s")
      .help(
          "how long the mouth takes from speech to rest, after the sound, or to speech, before it");
}

/// Curves at a time, in straight lines.
std::vector<float> pose_at(const Take& take, double at_s) {
  const double last = static_cast<double>(take.curves.rows - 1);
  const double place = std::clamp((at_s - take.first_s) / take.step_s, 0.0, last);
  const auto below = static_cast<int64_t>(place);
  const auto above = std::min(below + 1, take.curves.rows - 1);
  const auto share = static_cast<float>(place - static_cast<double>(below));
  std::vector<float> out;
  for (int64_t c = 0; c < take.curves.cols; ++c) {
    const float a = take.curves(below, c);
    out.push_back(a + share * (take.curves(above, c) - a));
  }
  return out;
}

/// Sign 1: all from edge_s on is silent; -1: all up to it.
void silence_from(double edge_s, double sign, double ease_s, const Scene& scene, Stream& stream,
                  Take& take) {
  const auto pose = pose_at(take, edge_s);
  for (int64_t j = 0; j < take.curves.rows; ++j) {
    const double into_s = sign * (take.frame_s(j) - edge_s);  // how deep in the silence
    if (into_s <= 0) continue;
    const double awake = ease_s > 0 ? 1 - portable::smooth_step(into_s / ease_s) : 0;
    for (int64_t c = 0; c < take.curves.cols; ++c) {
      const auto i = static_cast<size_t>(c);
      take.curves(j, c) = scene.rest[i] + static_cast<float>(awake) * (pose[i] - scene.rest[i]);
    }
  }
  const auto floor = noise_floor(take.speech_rms, static_cast<int64_t>(take.audio.size()), stream);
  for (size_t i = 0; i < take.audio.size(); ++i) {
    const double into_s = sign * (static_cast<double>(i) / audio::kRate - edge_s);
    // Faded inside the speech, so that nothing is heard where the mouth may go to rest.
    const auto quiet = static_cast<float>(portable::smooth_step(into_s / kFade_s + 1));
    take.audio[i] += quiet * (floor[i] - take.audio[i]);
  }
}

void apply(const Options& options, const Scene& scene, Stream& stream, Take& take) {
  const auto& o = options.silence;
  const uint64_t sides = 1 + stream.below(3);  // 1: before, 2: after, 3: both
  const double whole_s = static_cast<double>(take.curves.rows) * take.step_s;
  const double most_s = std::min(o.longest_s, whole_s / 3);
  const double before_s = stream.uniform(most_s / 4, most_s);
  const double after_s = stream.uniform(most_s / 4, most_s);
  if (take.curves.rows < 2) return;
  if ((sides & 1) != 0) {
    silence_from(take.first_s + before_s, -1, o.ease_s, scene, stream, take);
    take.drawn.push_back({"silence before", before_s, "s"});
  }
  if ((sides & 2) != 0) {
    silence_from(take.first_s + whole_s - after_s, 1, o.ease_s, scene, stream, take);
    take.drawn.push_back({"silence after", after_s, "s"});
  }
}

}  // namespace

Change silence() {
  return {"silence", declare, [](const Options& o) { return o.silence.p; }, apply};
}

}  // namespace kuchi::augment
