// Speaking rate: time-scale modification of the sound; the curves were cut accordingly.
#include "augment/augment.h"
#include "augment/changes.h"
#include "augment/wsola.h"
#include "core/portable_math.h"

namespace kuchi::augment {
namespace {

void declare(config::Section s, Options& options) {
  auto& o = options.speed;
  s.add("p", o.p).at_least(0).at_most(1).help(
      "share of segments spoken faster or slower at the same pitch; curves follow");
  s.add("share", o.share)
      .at_least(0)
      .at_most(0.5)
      .help("largest change of speaking rate: 0.1 is up to 10 % faster or slower");
}

void apply(const Options&, const Scene&, Stream&, Take& take) {
  if (take.speed == 1) return;
  take.audio = wsola(take.audio, take.speed);
  take.first_s /= take.speed;
  take.drawn.push_back({"speed", take.speed, "times as fast"});
}

}  // namespace

Change speed() {
  return {"speed", declare, [](const Options& o) { return o.speed.p; }, apply};
}

double draw_speed(const Options& o, const Key& key) {
  auto stream = key.stream("speed");
  if (!stream.chance(o.speed.p)) return 1;
  const double limit = portable::log(1 + o.speed.share);
  return portable::exp(stream.uniform(-limit, limit));
}

}  // namespace kuchi::augment
