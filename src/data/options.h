#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "config/schema.h"
#include "data/split.h"

namespace kuchi::data {

/// The embedded data set, made and cached on the fly.
struct SynthOptions {
  int64_t clips = 0;  // 0: not asked for
  double seconds = 8;
  int64_t seed = 0;
  std::string rig = "arkit-mouth";
};

/// Section `data`: what to train on. One of store, recipe and synth.clips is given.
struct Options {
  std::string store;   // a file that `kuchi prepare` wrote
  std::string recipe;  // a data set's recipe; prepared and cached first
  SynthOptions synth;
  std::string root;                   // replaces the recipe's root
  std::vector<std::string> speakers;  // only these; empty: all
  bool strict = false;                // a bad clip stops instead of being skipped
  SplitOptions split;                 // unset: as the store has it
};
void describe(config::Section& section, Options& options);

enum class Source { none, store, recipe, synth };
/// Which of the three is given; the later of them wins by the order store, recipe, synth only if
/// exactly one is set: UserError (config) if two are.
Source source(const Options& options);

}  // namespace kuchi::data
