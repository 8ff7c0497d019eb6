#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "config/schema.h"
#include "data/split.h"
#include "sync/options.h"

namespace kuchi::data {

/// The embedded data set, made and cached on the fly.
struct SynthOptions {
  int64_t clips = 0;  // 0: not asked for
  double seconds = 6;
  int64_t seed = 0;
  std::string rig = "arkit-mouth";
};

/// Section `data`: what to train on (see source).
struct Options {
  std::vector<std::string> store;   // files that `kuchi prepare` wrote; several are joined
  std::vector<std::string> recipe;  // data sets' recipes; prepared and cached first
  SynthOptions synth;
  std::string root;                   // replaces the recipe's root
  std::string consent;                // replaces the recipe's consent
  double fps = 0;                     // replaces the recipe's fps; 0: the recipe's
  std::vector<std::string> speakers;  // only these; empty: all
  bool strict = false;                // a bad clip stops instead of being skipped
  double fraction = 1;                // of the training part, see fraction.h
  int64_t lag_frames = 0;             // the audio is so late, see lag.h
  SplitOptions split;                 // unset: as the store has it
  sync::Override sync;                // unset: as the recipe has it
};
void describe(config::Section& section, Options& options);

enum class Source { none, store, recipe, synth };
/// Which is given: a store, else a recipe, else the embedded set, so that a store named on the
/// command line wins over what the composed files say.
Source source(const Options& options);

}  // namespace kuchi::data
