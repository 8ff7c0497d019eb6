#include "augment/changes.h"
#include "augment/noise.h"
#include "core/portable_math.h"

namespace kuchi::augment {
namespace {

void declare(config::Section s, Options& options) {
  auto& o = options.level;
  s.add("p", o.p).at_least(0).at_most(1).help("share of segments that are louder or fainter");
  s.add("most_db", o.most_db).at_least(0).at_most(60).unit("dB").help("largest change of level");
}

void apply(const Options& options, const Scene&, Stream& stream, Take& take) {
  const double db = stream.uniform(-options.level.most_db, options.level.most_db);
  scale(take.audio, portable::pow(10, db / 20));
  take.drawn.push_back({"level", db, "dB"});
}

}  // namespace

Change level() {
  return {"level", declare, [](const Options& o) { return o.level.p; }, apply};
}

}  // namespace kuchi::augment
