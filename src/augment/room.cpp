// Room response: direct sound at once, then reverberation that dies away. What moves in time is
// what the room adds, never the speech itself.
#include <cmath>

#include "audio/audio.h"
#include "augment/changes.h"
#include "augment/convolve.h"
#include "augment/noise.h"
#include "core/portable_math.h"

namespace kuchi::augment {
namespace {

constexpr double kFirstReflection_s = 0.003;

void declare(config::Section s, Options& options) {
  auto& o = options.room;
  s.add("p", o.p).at_least(0).at_most(1).help("share of segments that are heard in a room");
  s.add("shortest_s", o.shortest_s)
      .at_least(0.05)
      .at_most(2)
      .unit("s")
      .help("shortest reverberation time (to -60 dB)");
  s.add("longest_s", o.longest_s)
      .at_least(0.05)
      .at_most(2)
      .unit("s")
      .help("longest reverberation time");
  s.add("driest_db", o.driest_db)
      .at_least(-10)
      .at_most(40)
      .unit("dB")
      .help("most direct sound over reverberation");
  s.add("wettest_db", o.wettest_db)
      .at_least(-10)
      .at_most(40)
      .unit("dB")
      .help("least direct sound over reverberation");
  s.add("files", o.files)
      .help(
          "folder of impulse responses to draw from instead of generated ones; each is taken from "
          "its largest value on");
}

/// Direct sound and exponentially decaying noise, energy 1 (Moorer, Computer Music Journal 1979).
std::vector<float> generate(const RoomOptions& o, Stream& stream, Take& take) {
  const double decay_s = stream.uniform(o.shortest_s, o.longest_s);
  const double direct_db = stream.uniform(o.wettest_db, o.driest_db);
  auto out = make_noise("white", static_cast<int64_t>(decay_s * audio::kRate), stream);
  const double step = portable::exp(-6.907755279 / (decay_s * audio::kRate));  // ln 1000
  const auto first = static_cast<size_t>(kFirstReflection_s * audio::kRate);
  double envelope = 1, energy = 0;
  for (size_t i = 0; i < out.size(); ++i, envelope *= step) {
    out[i] = i < first ? 0 : static_cast<float>(envelope * out[i]);
    energy += static_cast<double>(out[i]) * out[i];
  }
  const double wet = portable::pow(10, -direct_db / 10);  // energy, for direct sound of 1
  scale(out, std::sqrt(wet / energy / (1 + wet)));
  out[0] = static_cast<float>(1 / std::sqrt(1 + wet));
  take.drawn.push_back({"room", decay_s, "s"});
  take.drawn.push_back({"room direct", direct_db, "dB"});
  return out;
}

void apply(const Options& options, const Scene& scene, Stream& stream, Take& take) {
  if (scene.rooms.empty()) {
    take.audio = convolve(take.audio, generate(options.room, stream, take));
    return;
  }
  const auto which = static_cast<size_t>(stream.below(scene.rooms.size()));
  take.audio = convolve(take.audio, scene.rooms[which]);
  take.drawn.push_back({"room file", static_cast<double>(which + 1), ""});
}

}  // namespace

Change room() {
  return {"room", declare, [](const Options& o) { return o.room.p; }, apply};
}

}  // namespace kuchi::augment
