#include "train/source.h"

#include <algorithm>
#include <thread>

#include "config/paths.h"
#include "core/hash.h"
#include "core/log.h"
#include "core/text.h"
#include "data/prepare.h"
#include "synth/synth.h"

namespace kuchi::train {
namespace fs = std::filesystem;
namespace {

fs::path prepared(const data::Recipe& recipe, const data::Options& data,
                  const features::Options& features) {
  data::PrepareOptions options;
  options.root = data.root;
  options.consent = data.consent;
  options.speakers = data.speakers;
  options.strict = data.strict;
  const std::string key = data::prepare_key(recipe, features, options);
  const fs::path store =
      config::cache_dir() / "stores" / (recipe.provenance.data + "-" + key + ".h5");
  std::error_code ec;
  if (fs::exists(store, ec)) return store;
  options.force = true;  // two trainings may prepare at once: the same bytes, renamed into place
  note("preparing " + recipe.file.string() + " into " + store.string());
  const auto report = data::prepare(recipe, features, options, store);
  if (!report.skipped.empty()) note(data::to_text(report));
  return store;
}

/// Names what the synthesiser would make: the options, and the recipe and first clip it makes of
/// them today, so that a cached set is never one of an older synthesiser.
std::string synth_key(const synth::Options& o) {
  const auto clip = synth::make_clip(o, 0);
  Hasher hasher;
  hasher.add(cat(o.clips, "-", number(o.seconds), "-", o.seed, "-", o.rig));
  hasher.add(synth::recipe_yaml(o));
  hasher.add(clip.audio.data(), clip.audio.size() * sizeof(float));
  hasher.add(clip.curves.data.data(), clip.curves.data.size() * sizeof(float));
  return hasher.hex().substr(0, 16);
}

fs::path synthesised(const data::SynthOptions& o) {
  synth::Options options;
  options.clips = o.clips;
  options.seconds = o.seconds;
  options.seed = o.seed;
  options.rig = o.rig;
  const fs::path dir = config::cache_dir() / "synth" / synth_key(options);
  std::error_code ec;
  if (!fs::exists(dir / "recipe.yaml", ec)) {
    note(cat("making the embedded data set: ", o.clips, " clips of ", number(o.seconds), " s"));
    Progress progress("synth", o.clips);
    synth::WriteOptions write;
    write.force = true;
    write.threads = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
    write.progress = [&](int64_t done, int64_t) { progress.at(done); };
    write.probe_pairs = 0;
    synth::write_dataset(options, dir, write);
  }
  return dir / "recipe.yaml";
}

}  // namespace

fs::path find_store(const data::Options& data, const features::Options& features,
                    const Location& at) {
  switch (data::source(data)) {
    case data::Source::store:
      if (!data.consent.empty()) {
        fail_config(
            at,
            "data.consent is recorded when a store is prepared, and data.store is one; give "
            "it to kuchi prepare, or leave it out here");
      }
      return data.store;
    case data::Source::recipe:
      return prepared(data::load_recipe(data.recipe), data, features);
    case data::Source::synth: {
      data::Options own = data;
      own.consent.clear();  // speaks of people, and here none was recorded
      return prepared(data::load_recipe(synthesised(data.synth)), own, features);
    }
    case data::Source::none:
      break;
  }
  fail_config(at,
              "nothing to train on; give data.store=STORE.h5, data.recipe=RECIPE.yaml or "
              "data.synth.clips=N");
}

fs::path find_run_store(const fs::path& saved, const data::Options& data,
                        const features::Options& features) {
  std::error_code ec;
  if (!saved.empty() && fs::exists(saved, ec)) return saved;
  const auto source = data::source(data);
  if (source == data::Source::recipe || source == data::Source::synth) {
    note(saved.string() + " is gone; making it again");
    return find_store(data, features, {"data"});
  }
  if (saved.empty()) {
    throw UserError(Exit::data, "the run's data.json names no store; name one with --store");
  }
  fail_data(saved,
            "is the store of this run and is gone; put it back, or name another with --store");
}

}  // namespace kuchi::train
