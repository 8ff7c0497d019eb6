#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "data/guess_paths.h"

namespace kuchi::data {

/// One thing that was guessed of a folder.
struct GuessLine {
  std::string what;   // "audio", "curves", "rig", …: the recipe's key
  std::string value;  // as it stands in the recipe
  Sure sure = Sure::sure;
  std::string note;  // from what, for people
};

/// A recipe for a folder of takes, and how it came about.
struct InitReport {
  std::filesystem::path recipe;    // where it goes
  std::filesystem::path rig_file;  // of a new rig, beside it; "": a shipped one fits
  std::string recipe_text, rig_text;
  std::vector<GuessLine> lines;
  std::vector<std::string> notes;  // what was left out, what to look at
  int64_t clips = 0;               // pairs under the patterns
  int64_t skipped = 0;             // files under the patterns without a partner
};

/// Looks at a folder: which audio goes with which curves (guess_paths), the curves' format by
/// content, names for formats without, labels, rate, rig (guess_rig) and split: by speaker where
/// there are three or more, else by clip where there are ten or more, else by time. Reads some of
/// the files whole, of the others the beginning. The licence is left as a TODO, of which prepare
/// tells. `out` says where the recipe will stand; "": recipe.yaml in the folder.
/// UserError (data): no such folder, no audio, no curves, none that go together, and where none of
/// the curve files can be read, what the first one's reader says.
InitReport guess_recipe(const std::filesystem::path& dir, const std::filesystem::path& out = {});

/// Writes the recipe and the rig where it is new. UserError (config) where one is there already and
/// force is not set; then neither is written.
void write_recipe(const InitReport& report, bool force);

nlohmann::ordered_json to_json(const InitReport& report);
std::string to_text(const InitReport& report);

}  // namespace kuchi::data
