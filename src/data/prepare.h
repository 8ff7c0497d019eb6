#pragma once

#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "data/make_clip.h"
#include "data/recipe.h"
#include "data/store.h"
#include "features/features.h"

namespace kuchi::data {

struct PrepareOptions {
  std::filesystem::path root;         // replaces the recipe's; "": the recipe's
  std::vector<std::string> speakers;  // only these; empty: all
  std::string consent;                // replaces the recipe's; "": the recipe's
  double fps = 0;                     // what curves are brought to; 0: the recipe's
  bool strict = false;                // the first bad clip stops all
  sync::Override sync;                // what replaces the recipe's
  std::filesystem::path pictures;     // a folder for a picture of each clip's lag; "": none
  bool force = false;                 // overwrite
  int threads = 0;                    // 0: as many as the machine has; changes nothing but speed
};

struct PreparedClip {
  StoreClip clip;
  double seconds = 0;
  int64_t train = 0, valid = 0, test = 0;  // frames in each split
  int64_t clamped = 0;                     // values put back into the rig's range
  Capture capture;
  std::optional<sync::Estimate> sync;  // as found; StoreClip has what is left of it
  std::optional<double> usual_ms;      // its set's usual lag
  sync::Correction correction;         // what was done to the curves' times
  std::string split() const;           // "train", or "train+valid+test" where it is cut
};

struct PrepareReport {
  std::vector<PreparedClip> clips;
  std::vector<Skipped> skipped;
  StoreInfo store;
};

/// Audio and curves of every clip → features at curve frames → one store file, whole or not at
/// all. A bad clip is skipped with its reason, or stops everything where strict. Each clip's lag
/// and drift are estimated; where the recipe's `sync` asks for it, curves are moved in time by how
/// their clip differs from the set (every clip is then read twice).
/// UserError (data): no clip is left, or strict and a clip is bad. UserError (config): consent is
/// required and not recorded (before anything is read), the split or the rig does not fit, the file
/// exists and force is not set.
PrepareReport prepare(const Recipe& recipe, const features::Options& features,
                      const PrepareOptions& options, const std::filesystem::path& out);

/// The same of several recipes, joined into one store: see join_stores(). `root`, `speakers` and
/// `consent` are of one data set: UserError (config) where they are given.
PrepareReport prepare(const std::vector<Recipe>& recipes, const features::Options& features,
                      const PrepareOptions& options, const std::filesystem::path& out);

/// UserError (config) where options that are of one data set are given for several.
void refuse_for_several(const PrepareOptions& options);

/// As the command-line contract has it: clips, skipped, rig, curves, features, …
nlohmann::json to_json(const PrepareReport& report);
/// The same for people: what was paired, skipped and why.
std::string to_text(const PrepareReport& report);

/// Names what prepare would read: recipe, options, and every file with its size and time of
/// change. Equal keys, equal stores: names the cache file for data.recipe.
/// UserError (config): consent is required and not recorded.
std::string prepare_key(const Recipe& recipe, const features::Options& features,
                        const PrepareOptions& options);

}  // namespace kuchi::data
