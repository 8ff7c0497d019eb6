#include "augment/options.h"

#include "augment/changes.h"

namespace kuchi::augment {

void describe_features(config::Section s, Options& o);  // features.cpp

void describe(config::Section s, Options& o) {
  describe_features(s, o);
  s.add_choice("audio", o.audio, {{"loop", Computed::loop}, {"cached", Computed::cached}})
      .help(
          "features of changed audio: computed in the loop, or once for each of so many variants "
          "of a clip");
  s.add("variants", o.variants)
      .at_least(1)
      .at_most(1000)
      .help("variants of each clip, for audio cached; those of an encoder are kept on disk");
  for (const auto& change : changes()) change.describe(s.section(change.name), o);
}

}  // namespace kuchi::augment
