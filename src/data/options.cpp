#include "data/options.h"

namespace kuchi::data {

void describe(config::Section& section, Options& options) {
  section.about(
      "What to train on: store, else recipe, else synth, whichever is given first in this order.");
  section.add("store", options.store)
      .help("a store that `kuchi prepare` wrote, or a list of them, whose rigs may differ");
  section.add("recipe", options.recipe)
      .help("a data set's recipe, or a list of them; prepared first and kept in the cache");
  section.add("root", options.root).help("where the data set is, instead of the recipe's root");
  section.add("consent", options.consent)
      .help("what the recorded people agreed to, instead of the recipe's consent");
  section.add("fps", options.fps)
      .at_least(0)
      .at_most(1000)
      .unit("frames/s")
      .help("curves are resampled to it when a recipe is prepared; 0: as the recipe has it");
  section.add("speakers", options.speakers).help("only these speakers; empty: all");
  section.add("strict", options.strict).help("a bad clip stops instead of being skipped");
  section.add("fraction", options.fraction)
      .above(0)
      .at_most(1)
      .help(
          "share of the training part's frames that is trained on, for learning curves: drawn by "
          "train.seed, and of one seed a larger share holds a smaller one; what is held out stays");
  section.add("lag_frames", options.lag_frames)
      .at_least(-30)
      .at_most(30)
      .unit("frames")
      .help(
          "the set's audio is taken to be so late against its curves, and is put right when it is "
          "read; negative: early");
  auto synth = section.section("synth");
  synth.about("The embedded data set, made and kept in the cache.");
  synth.add("clips", options.synth.clips)
      .at_least(0)
      .at_most(1000000)
      .help("how many; 0: the embedded set is not used");
  synth.add("seconds", options.synth.seconds)
      .at_least(1)
      .at_most(600)
      .unit("s")
      .help("length of a clip");
  synth.add("seed", options.synth.seed).at_least(0).help("another seed, another data set");
  synth.add("rig", options.synth.rig).help("the curves' rig");
  auto split = section.section("split");
  describe(split, options.split);
  auto sync = section.section("sync");
  sync::describe(sync, options.sync);
}

Source source(const Options& options) {
  if (!options.store.empty()) return Source::store;
  if (!options.recipe.empty()) return Source::recipe;
  return options.synth.clips > 0 ? Source::synth : Source::none;
}

}  // namespace kuchi::data
