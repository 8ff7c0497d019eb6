// Audio against curves: what a model must bear whose training clips are not aligned to the frame.
#include <algorithm>
#include <cmath>

#include "audio/audio.h"
#include "augment/changes.h"

namespace kuchi::augment {
namespace {

void declare(config::Section s, Options& options) {
  auto& o = options.shift;
  s.add("p", o.p).at_least(0).at_most(1).help("share of segments whose audio is moved in time");
  s.add("most_ms", o.most_ms)
      .at_least(0)
      .at_most(200)
      .unit("ms")
      .help("largest shift of audio against curves, either way");
}

void apply(const Options& options, const Scene&, Stream& stream, Take& take) {
  const double ms = stream.uniform(-options.shift.most_ms, options.shift.most_ms);
  const int64_t late = std::llround(ms / 1000 * audio::kRate);
  const auto count = static_cast<int64_t>(take.audio.size());
  std::vector<float> moved(take.audio.size(), 0.0f);
  for (int64_t i = std::max<int64_t>(0, late); i < std::min(count, count + late); ++i) {
    moved[static_cast<size_t>(i)] = take.audio[static_cast<size_t>(i - late)];
  }
  take.audio = std::move(moved);
  take.drawn.push_back({"shift", ms, "ms late"});
}

}  // namespace

Change shift() {
  return {"shift", declare, [](const Options& o) { return o.shift.p; }, apply};
}

}  // namespace kuchi::augment
