// Background noise. Loudness is set against the speech of the whole clip, so that a pause gets as
// much noise as the words around it.
#include "augment/changes.h"
#include "augment/noise.h"
#include "core/portable_math.h"

namespace kuchi::augment {
namespace {

void declare(config::Section s, Options& options) {
  auto& o = options.background;
  s.add("p", o.p).at_least(0).at_most(1).help("share of segments with noise behind the speech");
  s.add("loudest_db", o.loudest_db)
      .at_least(-20)
      .at_most(80)
      .unit("dB")
      .help("lowest signal-to-noise ratio, against the clip's speech");
  s.add("faintest_db", o.faintest_db)
      .at_least(-20)
      .at_most(80)
      .unit("dB")
      .help("highest signal-to-noise ratio");
  s.add("kinds", o.kinds)
      .choices({"white", "pink", "babble"})
      .help("noises that are generated; babble is six artificial voices");
  s.add("files", o.files).help("folder of sounds to draw from instead of generated noise");
}

/// A stretch of a sound from a drawn place, round and round, at RMS 1; where it is silent there,
/// silence.
std::vector<float> stretch_of(const std::vector<float>& sound, size_t samples, Stream& stream) {
  size_t at = static_cast<size_t>(stream.below(sound.size()));
  std::vector<float> out(samples);
  for (auto& v : out) {
    v = sound[at];
    at = at + 1 < sound.size() ? at + 1 : 0;
  }
  const double level = rms(out);
  if (level > 0) scale(out, 1 / level);
  return out;
}

void apply(const Options& options, const Scene& scene, Stream& stream, Take& take) {
  const auto& o = options.background;
  const double ratio_db = stream.uniform(o.loudest_db, o.faintest_db);
  std::vector<float> noise;
  if (scene.noises.empty()) {
    const auto& kind = o.kinds[static_cast<size_t>(stream.below(o.kinds.size()))];
    noise = make_noise(kind, static_cast<int64_t>(take.audio.size()), stream);
    take.drawn.push_back({"background " + kind, ratio_db, "dB"});
  } else {
    const auto which = static_cast<size_t>(stream.below(scene.noises.size()));
    noise = stretch_of(scene.noises[which], take.audio.size(), stream);
    take.drawn.push_back({"background file", ratio_db, "dB"});
  }
  const auto level = static_cast<float>(take.speech_rms * portable::pow(10, -ratio_db / 20));
  for (size_t i = 0; i < noise.size(); ++i) take.audio[i] += level * noise[i];
}

}  // namespace

Change background() {
  return {"background", declare, [](const Options& o) { return o.background.p; }, apply};
}

}  // namespace kuchi::augment
