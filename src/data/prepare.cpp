#include "data/prepare.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <map>
#include <set>
#include <thread>

#include "core/hash.h"
#include "core/interrupt.h"
#include "core/log.h"
#include "core/text.h"
#include "data/consent.h"
#include "data/join.h"
#include "data/make_clip.h"
#include "data/ordered.h"
#include "data/place.h"
#include "data/utf8.h"
#include "io/atomic_file.h"
#include "io/draft.h"
#include "sync/picture.h"

namespace kuchi::data {
namespace fs = std::filesystem;
namespace {

/// A clip, or why there is none.
struct Outcome {
  MadeClip made;
  std::string why;
};

int thread_count(int wanted) {
  return wanted > 0 ? wanted : std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

fs::path root_of(const Recipe& recipe, const PrepareOptions& options) {
  return options.root.empty() ? recipe.root : options.root;
}

void keep_speakers(const std::vector<std::string>& wanted, std::vector<FoundClip>& clips) {
  if (wanted.empty()) return;
  const auto speaker = [](const FoundClip& clip) {
    const auto label = clip.labels.find("speaker");
    return label == clip.labels.end() ? "" : label->second;
  };
  std::set<std::string> present;
  for (const auto& clip : clips) present.insert(speaker(clip));
  for (const auto& name : wanted) {
    if (present.count(name) > 0) continue;
    fail_config({"data.speakers"}, cat("no clip of speaker \"", name, "\"",
                                       did_you_mean(name, {present.begin(), present.end()})));
  }
  std::erase_if(clips, [&](const FoundClip& clip) {
    return std::find(wanted.begin(), wanted.end(), speaker(clip)) == wanted.end();
  });
}

curves::ReadOptions read_options(const Recipe& recipe, const fs::path& root) {
  curves::ReadOptions read;
  read.format = recipe.clips.format;
  read.fps = recipe.fps;
  if (recipe.clips.names.empty()) return read;
  read.names_file = names_file(recipe, root);
  return read;
}

// `timecode`: the rate that most of the files have, the higher one if there are as many of two.
double common_fps(const std::vector<FoundClip>& clips, const curves::ReadOptions& read,
                  int threads) {
  std::map<double, int64_t> votes;
  Ordered<double> rates(static_cast<int64_t>(clips.size()), threads, [&](int64_t i) {
    try {
      return nominal_fps(curves::read_track(clips[static_cast<size_t>(i)].curves, read).fps);
    } catch (const UserError& error) {
      if (error.code() != Exit::data) throw;
      return 0.0;  // the clip is skipped later, with this reason
    }
  });
  rates.run([&](int64_t, double&& fps) {
    if (fps >= 1 && fps <= 1000) ++votes[fps];
  });
  if (votes.empty()) return 30;  // no clip can be read, which is told clip by clip
  return std::max_element(votes.begin(), votes.end(),
                          [](const auto& a, const auto& b) { return a.second <= b.second; })
      ->first;
}

Outcome try_clip(const FoundClip& clip, const MakeOptions& options, bool strict,
                 const sync::Correction* correction) {
  try {
    return {make_clip(clip, options, correction), ""};
  } catch (const UserError& error) {
    if (strict || error.code() != Exit::data) throw;
    return {{}, error.what()};
  }
}

/// What was heard of the clips before any was changed, and what is done about it.
struct Corrections {
  std::vector<std::optional<sync::Estimate>> found;
  std::vector<sync::Correction> corrections;  // as many; empty: nothing is corrected
};

Corrections find_corrections(const std::vector<FoundClip>& clips, const MakeOptions& make,
                             const sync::Options& options, int threads) {
  Corrections out;
  if (!sync::corrects(options)) return out;
  using Found = std::optional<sync::Estimate>;
  Progress progress("sync", static_cast<int64_t>(clips.size()));
  Ordered<Found> estimates(static_cast<int64_t>(clips.size()), threads, [&](int64_t i) -> Found {
    try {
      return listen(clips[static_cast<size_t>(i)], make);
    } catch (const UserError& error) {
      if (error.code() != Exit::data) throw;
      return std::nullopt;  // the clip is skipped later, with this reason
    }
  });
  estimates.run([&](int64_t i, Found&& found) {
    check_interrupt();
    out.found.push_back(std::move(found));
    progress.at(i + 1, clips[static_cast<size_t>(i)].id);
  });
  const double usual = sync::usual_lag_ms(out.found).value_or(0);
  for (const auto& found : out.found) {
    out.corrections.push_back(found ? sync::correction_of(*found, usual, options)
                                    : sync::Correction{});
  }
  return out;
}

/// What stands in stores: of a store's hash no more digits than a machine's rounding leaves alone.
double rounded(double value, double step) { return std::round(value / step) * step; }

void write_lag(const PreparedClip& prepared, StoreClip& clip) {
  if (!prepared.sync) return;
  const sync::Estimate& found = *prepared.sync;
  const sync::Correction& done = prepared.correction;
  clip.lag_ms = rounded(found.lag_ms - done.shift_ms - done.slope_ppm * found.seconds / 2000, 0.1);
  if (found.drift_ppm) clip.drift_ppm = rounded(*found.drift_ppm - done.slope_ppm, 0.1);
  clip.confidence = rounded(found.confidence, 0.001);
}

void tell_usual_lag(std::vector<PreparedClip>& clips) {
  std::vector<std::optional<sync::Estimate>> found;
  for (const auto& clip : clips) found.push_back(clip.sync);
  const auto usual = sync::usual_lag_ms(found);
  for (auto& clip : clips) clip.usual_ms = usual;
}

void draw_lags(const std::vector<PreparedClip>& clips, const fs::path& folder) {
  if (folder.empty()) return;
  io::make_directories(folder);
  for (const auto& clip : clips) {
    if (!clip.sync) continue;
    std::string name = clip.clip.id;
    std::replace(name.begin(), name.end(), '/', '_');
    io::write_atomically(folder / (name + ".png"), sync::picture(*clip.sync, clip.usual_ms));
  }
}

void count_splits(PrepareReport& report) {
  for (size_t i = 0; i < report.clips.size(); ++i) report.clips[i].clip = report.store.clips[i];
  for (const auto& piece : split_store(report.store)) {
    PreparedClip& clip = report.clips[static_cast<size_t>(piece.clip)];
    int64_t& frames = piece.split == Split::train   ? clip.train
                      : piece.split == Split::valid ? clip.valid
                                                    : clip.test;
    frames += piece.end - piece.begin;
  }
}

struct FillOptions {
  bool strict = false;
  int threads = 1;
  Corrections corrections;
};

void fill_store(const std::vector<FoundClip>& clips, const MakeOptions& make,
                const FillOptions& options, StoreWriter& writer, PrepareReport& report) {
  const auto correction = [&](int64_t i) -> const sync::Correction* {
    const auto& known = options.corrections.corrections;
    return known.empty() ? nullptr : &known[static_cast<size_t>(i)];
  };
  Progress progress("prepare", static_cast<int64_t>(clips.size()));
  Ordered<Outcome> outcomes(static_cast<int64_t>(clips.size()), options.threads, [&](int64_t i) {
    return try_clip(clips[static_cast<size_t>(i)], make, options.strict, correction(i));
  });
  outcomes.run([&](int64_t i, Outcome&& outcome) {
    check_interrupt();
    const FoundClip& found = clips[static_cast<size_t>(i)];
    if (!outcome.why.empty()) {
      report.skipped.push_back({found.id, printable(outcome.why)});
    } else {
      PreparedClip prepared;
      prepared.seconds = static_cast<double>(outcome.made.curves.rows) / make.fps;
      prepared.clamped = outcome.made.clamped;
      prepared.capture = outcome.made.capture;
      prepared.sync = std::move(outcome.made.sync);
      if (const auto* done = correction(i)) {
        prepared.sync = options.corrections.found[static_cast<size_t>(i)];
        prepared.correction = *done;
      }
      write_lag(prepared, outcome.made.clip);
      prepared.clip = outcome.made.clip;
      writer.add(outcome.made.clip, outcome.made.features, outcome.made.curves, outcome.made.audio);
      report.clips.push_back(std::move(prepared));
    }
    progress.at(i + 1, found.id);
  });
}

}  // namespace

std::string PreparedClip::split() const {
  std::vector<std::string> names;
  if (train > 0) names.emplace_back("train");
  if (valid > 0) names.emplace_back("valid");
  if (test > 0) names.emplace_back("test");
  return join(names, "+");
}

PrepareReport prepare(const Recipe& recipe, const features::Options& features,
                      const PrepareOptions& options, const fs::path& out) {
  const Provenance provenance = settle_consent(recipe, options.consent);
  io::refuse_overwrite(out, options.force);
  if (!options.pictures.empty() && !options.force) io::refuse_existing(options.pictures);
  for (const auto& todo : recipe.todo) warn(todo);
  const fs::path root = root_of(recipe, options);
  MakeOptions make{curves::load_rig(recipe.rig), {}, features, recipe.fps};
  Found found = find_clips(recipe, root);
  keep_speakers(options.speakers, found.clips);
  check_split(recipe.split, found);
  make.read = read_options(recipe, root);
  if (options.strict && !found.skipped.empty()) {
    throw UserError(Exit::data, found.skipped.front().why);
  }
  const int threads = thread_count(options.threads);
  if (recipe.fps == 0 && options.fps == 0) {
    make.fps = common_fps(found.clips, make.read, threads);
  }
  if (options.fps > 0) make.fps = options.fps;

  const FillOptions fill{
      options.strict, threads,
      find_corrections(found.clips, make, sync::with(recipe.sync, options.sync), threads)};
  PrepareReport report;
  report.skipped = std::move(found.skipped);
  StoreInfo head;
  head.provenance = provenance;
  head.rig = make.rig;
  head.fps = make.fps;
  head.features = features;
  head.split = recipe.split;
  report.store = write_store(out, head, [&](StoreWriter& writer) {
    fill_store(found.clips, make, fill, writer, report);
    if (report.clips.empty()) {
      fail_data(root, cat("no clip is left of the data set \"", provenance.data,
                          "\": ", report.skipped.size(),
                          " skipped, the first because: ", report.skipped.front().why));
    }
    SplitSpec split = recipe.split;
    std::vector<std::string> ids;
    for (const auto& clip : report.clips) ids.push_back(clip.clip.id);
    forget_absent(split, ids);
    writer.set_split(split);
  });
  std::stable_sort(report.skipped.begin(), report.skipped.end(),
                   [](const Skipped& a, const Skipped& b) { return a.id < b.id; });
  count_splits(report);
  tell_usual_lag(report.clips);
  draw_lags(report.clips, options.pictures);
  return report;
}

void refuse_for_several(const PrepareOptions& options) {
  const auto refuse = [](const char* key) {
    fail_config({cat("data.", key)},
                cat("is of one data set, and several are named; prepare that one alone with kuchi "
                    "prepare, and name the stores in data.store"));
  };
  if (!options.root.empty()) refuse("root");
  if (!options.consent.empty()) refuse("consent");
  if (!options.speakers.empty()) refuse("speakers");
}

PrepareReport prepare(const std::vector<Recipe>& recipes, const features::Options& features,
                      const PrepareOptions& options, const fs::path& out) {
  if (recipes.size() == 1) return prepare(recipes[0], features, options, out);
  refuse_for_several(options);
  io::refuse_overwrite(out, options.force);
  const auto& first = recipes.at(0);
  curves::Rig rig = curves::load_rig(first.rig);  // a clash shows before anything is read
  for (const auto& recipe : recipes) {
    curves::join_rigs(rig, curves::load_rig(recipe.rig), recipe.file.string());
    if (options.fps == 0 && first.fps > 0 && recipe.fps > 0) {
      refuse_rates(first.file, first.fps, recipe.file, recipe.fps);
    }
  }
  const io::Draft parts(out.string() + ".parts", {"", "part of a store"}, false);
  PrepareReport report;
  std::vector<fs::path> stores;
  std::vector<std::string> called;
  double fps = 0;
  for (const auto& recipe : recipes) {
    stores.push_back(parts.path() / cat(stores.size(), ".h5"));
    called.push_back(recipe.file.string());
    PrepareOptions own = options;
    if (!own.pictures.empty()) own.pictures /= recipe.provenance.data;
    auto part = prepare(recipe, features, own, stores.back());
    if (stores.size() == 1) fps = part.store.fps;
    refuse_rates(first.file, fps, recipe.file, part.store.fps);  // where its files had to tell
    for (auto& skipped : part.skipped) skipped.id = part.store.provenance.data + "/" + skipped.id;
    std::move(part.clips.begin(), part.clips.end(), std::back_inserter(report.clips));
    std::move(part.skipped.begin(), part.skipped.end(), std::back_inserter(report.skipped));
  }
  const fs::path joined = parts.path() / "joined.h5";  // its split is judged before it is there
  report.store = join_stores(stores, joined, called);
  for (auto& clip : report.clips) clip.train = clip.valid = clip.test = 0;
  count_splits(report);
  fs::rename(joined, out);
  report.store.file = out;
  return report;
}

std::string prepare_key(const Recipe& recipe, const features::Options& features,
                        const PrepareOptions& options) {
  const fs::path root = root_of(recipe, options);
  Hasher hash;
  for (const auto& [field, text] : fields(settle_consent(recipe, options.consent))) hash.add(text);
  hash.add(number(recipe.fps));
  hash.add(curves::rig_to_yaml(curves::load_rig(recipe.rig))).add(recipe.clips.format);
  hash.add(split_to_yaml(recipe.split)).add(features::signature(features));
  const std::string sync = sync::signature(sync::with(recipe.sync, options.sync));
  if (!sync.empty()) hash.add("sync").add(sync);
  hash.add(join(options.speakers, "\n")).add(options.strict ? "strict" : "");
  if (options.fps > 0) hash.add("fps").add(number(options.fps));
  const auto add_file = [&](const fs::path& file) {
    std::error_code ec;
    const auto changed = fs::last_write_time(file, ec).time_since_epoch().count();
    hash.add(file.string()).add(cat(fs::file_size(file, ec), " ", changed));
  };
  if (!recipe.clips.names.empty()) add_file(names_file(recipe, root));
  const Found found = find_clips(recipe, root);
  for (const auto& clip : found.clips) {
    hash.add(clip.id);
    for (const auto& [name, value] : clip.labels) hash.add(name).add(value);
    add_file(clip.audio);
    add_file(clip.curves);
    // Only where there is one, so that the keys of sets without do not change.
    std::error_code ec;
    if (const auto take = take_file(clip.audio); fs::is_regular_file(take, ec)) add_file(take);
  }
  for (const auto& skipped : found.skipped) hash.add(skipped.id).add(skipped.why);
  return hash.hex();
}

}  // namespace kuchi::data
