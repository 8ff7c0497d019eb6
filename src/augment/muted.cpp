// A microphone that hears nobody: the mouth rests.
#include <cmath>

#include "augment/changes.h"
#include "augment/noise.h"

namespace kuchi::augment {
namespace {

void declare(config::Section s, Options& options) {
  s.add("p", options.muted.p)
      .at_least(0)
      .at_most(1)
      .help("share of segments that become faint microphone noise with the curves at rest");
}

void apply(const Options&, const Scene& scene, Stream& stream, Take& take) {
  take.audio = noise_floor(take.speech_rms, static_cast<int64_t>(take.audio.size()), stream);
  for (int64_t j = 0; j < take.curves.rows; ++j) {
    const auto row = take.curves.row(j);
    for (size_t c = 0; c < row.size(); ++c) {
      if (!std::isnan(row[c])) row[c] = scene.rest[c];  // NaN: the clip has no such curve
    }
  }
  take.drawn.push_back({"muted", 1, ""});
}

}  // namespace

Change muted() {
  return {"muted", declare, [](const Options& o) { return o.muted.p; }, apply};
}

}  // namespace kuchi::augment
