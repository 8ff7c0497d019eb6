#include "train/source.h"

#include <algorithm>
#include <functional>
#include <thread>

#include "config/paths.h"
#include "core/hash.h"
#include "core/log.h"
#include "core/text.h"
#include "data/fraction.h"
#include "data/join.h"
#include "data/prepare.h"
#include "io/file_lock.h"
#include "synth/synth.h"

namespace kuchi::train {
namespace fs = std::filesystem;
namespace {

data::PrepareOptions prepare_options(const data::Options& data) {
  data::PrepareOptions options;
  options.root = data.root;
  options.consent = data.consent;
  options.fps = data.fps;
  options.speakers = data.speakers;
  options.strict = data.strict;
  options.sync = data.sync;
  return options;
}

/// Makes a file or folder that is not there; `there` is what shows that it is. Trainings that begin
/// together want the same things of the cache: one makes them, the others wait. Were they all to
/// make them, one could read what another is about to replace. What is there came there whole and
/// needs no lock, so that a cache may be read-only.
void once(const fs::path& what, const fs::path& there, const std::function<void()>& make) {
  std::error_code ec;
  if (fs::exists(there, ec)) return;
  const io::FileLock lock(what.string() + ".lock",
                          cat("waiting for ", what.string(), ", which is being made"));
  if (!fs::exists(there, ec)) make();
}

fs::path prepared(const data::Recipe& recipe, const data::Options& data,
                  const features::Options& features) {
  auto options = prepare_options(data);
  const std::string key = data::prepare_key(recipe, features, options);
  const fs::path store =
      config::cache_dir() / "stores" / (recipe.provenance.data + "-" + key + ".h5");
  once(store, store, [&] {
    note("preparing " + recipe.file.string() + " into " + store.string());
    const auto report = data::prepare(recipe, features, options, store);
    if (!report.skipped.empty()) note(data::to_text(report));
  });
  return store;
}

/// Several stores as one, in the cache under a key of their contents.
fs::path joined(const std::vector<fs::path>& files, const std::vector<std::string>& called) {
  const fs::path store =
      config::cache_dir() / "stores" / ("joined-" + data::join_key(files) + ".h5");
  once(store, store, [&] {
    note("joining " + join(called, ", ") + " into " + store.string());
    data::join_stores(files, store, called);
  });
  return store;
}

fs::path of_recipes(const data::Options& data, const features::Options& features) {
  if (data.recipe.size() == 1) {
    return prepared(data::load_recipe(data.recipe[0]), data, features);
  }
  data::refuse_for_several(prepare_options(data));
  std::vector<data::Recipe> recipes;
  for (const auto& file : data.recipe) recipes.push_back(data::load_recipe(file));
  std::vector<fs::path> stores;
  for (const auto& recipe : recipes) stores.push_back(prepared(recipe, data, features));
  return joined(stores, data.recipe);
}

fs::path of_stores(const data::Options& data, const Location& at) {
  const auto refuse = [&](const char* key, const char* what) {
    fail_config(at,
                cat("data.", key, " ", what, " when a store is prepared, and data.store is one; ",
                    "give it to kuchi prepare, or leave it out here"));
  };
  if (!data.consent.empty()) refuse("consent", "is recorded");
  if (data.fps > 0) refuse("fps", "resamples curves");
  const bool syncs = data.sync.correct != "auto" || data.sync.drift != "auto";
  if (syncs) refuse("sync", "moves curves in time");
  if (data.store.size() == 1) return data.store[0];
  return joined({data.store.begin(), data.store.end()}, data.store);
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
  once(dir, dir / "recipe.yaml", [&] {
    note(cat("making the embedded data set: ", o.clips, " clips of ", number(o.seconds), " s"));
    Progress progress("synth", o.clips);
    synth::WriteOptions write;
    write.force = true;
    write.threads = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
    write.progress = [&](int64_t done, int64_t) { progress.at(done); };
    write.probe_pairs = 0;
    synth::write_dataset(options, dir, write);
  });
  return dir / "recipe.yaml";
}

}  // namespace

fs::path find_store(const data::Options& data, const features::Options& features,
                    const Location& at) {
  switch (data::source(data)) {
    case data::Source::store:
      return of_stores(data, at);
    case data::Source::recipe:
      return of_recipes(data, features);
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
  const bool was_joined = source == data::Source::store && data.store.size() > 1;
  if (was_joined || source == data::Source::recipe || source == data::Source::synth) {
    note(saved.string() + " is gone; making it again");
    return find_store(data, features, {"data"});
  }
  if (saved.empty()) {
    throw UserError(Exit::data, "the run's data.json names no store; name one with --store");
  }
  fail_data(saved,
            "is the store of this run and is gone; put it back, or name another with --store");
}

data::Store open_data(const fs::path& file, const data::Options& data) {
  auto store = data::Store::open(file);
  store.set_lag(data.lag_frames);
  return store;
}

std::vector<data::Piece> cut_data(const data::StoreInfo& store, const data::Options& data,
                                  int64_t seed) {
  return data::keep_fraction(data::split_store(store, data.split), data.fraction,
                             static_cast<uint64_t>(seed));
}

}  // namespace kuchi::train
