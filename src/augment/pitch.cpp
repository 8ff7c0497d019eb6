// Pitch: made longer at the same pitch, then read faster; timing stays. Formants move with it, as
// of a shorter or longer vocal tract.
#include "augment/changes.h"
#include "augment/sinc.h"
#include "augment/wsola.h"
#include "core/portable_math.h"

namespace kuchi::augment {
namespace {

void declare(config::Section s, Options& options) {
  auto& o = options.pitch;
  s.add("p", o.p).at_least(0).at_most(1).help(
      "share of segments spoken higher or lower at the same times");
  s.add("semitones", o.semitones)
      .at_least(0)
      .at_most(12)
      .unit("semitones")
      .help("largest change of pitch");
}

void apply(const Options& options, const Scene&, Stream& stream, Take& take) {
  const double semitones = stream.uniform(-options.pitch.semitones, options.pitch.semitones);
  const double factor = portable::exp(semitones / 12 * 0.693147180559945309);
  const auto count = static_cast<int64_t>(take.audio.size());
  take.audio = read_at_steps(wsola(take.audio, 1 / factor), factor, count);
  take.drawn.push_back({"pitch", semitones, "semitones"});
}

}  // namespace

Change pitch() {
  return {"pitch", declare, [](const Options& o) { return o.pitch.p; }, apply};
}

}  // namespace kuchi::augment
