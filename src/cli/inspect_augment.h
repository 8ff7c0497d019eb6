#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace kuchi::cli {

/// What `kuchi inspect CONFIG.yaml --augment DIR` is asked.
struct AugmentArgs {
  std::filesystem::path out;  // folder; "": not asked for
  std::string clip;           // id; "": the first of the training part
  int64_t variants = 3;
};

/// A training clip as it is and as the first epochs hear it, to listen to and to look at:
/// DIR/CLIP.wav with DIR/CLIP.csv, and DIR/CLIP_1.wav and so on, at the experiment's own augment.*.
/// Returns what was drawn. UserError (config): no change to audio is switched on, no such clip, a
/// file that is there and not force.
nlohmann::ordered_json write_augmented(const std::filesystem::path& config,
                                       const std::vector<std::string>& overrides,
                                       const AugmentArgs& args, bool force);

}  // namespace kuchi::cli
