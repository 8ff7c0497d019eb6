#pragma once

#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <ostream>
#include <string>
#include <vector>

#include "data/recipe.h"
#include "data/store.h"
#include "quality/finding.h"
#include "quality/measure.h"

namespace kuchi::quality {

/// The quality control of a set: what was measured of each clip, and what is to be said.
struct Inspection {
  std::string name;   // of the set
  std::string where;  // recipe or store
  curves::Rig rig;
  double fps = 0;
  bool own_times = true;  // false: a store, whose rows are on a grid already
  std::vector<Facts> clips;
  std::vector<data::Skipped> skipped;  // what cannot be read or paired
  std::vector<Finding> findings;       // errors first, then by clip
  double seconds() const;
};

struct InspectOptions {
  std::filesystem::path root;  // replaces the recipe's; "": the recipe's
  int threads = 0;             // 0: as many as the machine has; changes nothing but speed
  Limits limits = {};
};

/// Reads every clip of a recipe as it was captured: the curves with their own times, before they
/// are brought to one rate. UserErrors as of find_clips() and load_rig(); a clip that cannot be
/// read is in `skipped`.
Inspection inspect_recipe(const data::Recipe& recipe, const InspectOptions& options = {});

/// The same of a store; what prepare has mended (dropped and repeated frames, values outside) is
/// not seen any more.
Inspection inspect_store(const data::Store& store, const InspectOptions& options = {});

/// {"clips": [{"id", "splits", "seconds", …}], "findings": [{"kind", "weight", "clip", "text", …}],
/// "skipped": […]}
nlohmann::ordered_json to_json(const Inspection& inspection);
/// "3 errors, 2 warnings, 1 note"
std::string count_text(const Inspection& inspection);

}  // namespace kuchi::quality
