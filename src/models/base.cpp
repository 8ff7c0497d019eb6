#include "models/base.h"

#include <algorithm>

#include "core/text.h"
#include "encoders/load.h"

namespace kuchi::models {
namespace fs = std::filesystem;
namespace {

std::string say(const std::map<std::string, std::string>& saved, const std::string& key) {
  const auto it = saved.find(key);
  return it == saved.end() ? "" : it->second;
}

constexpr const char* kHow =
    "; name it with --encoder DIR, or to kuchi resume with model.wav2vec2.encoder=DIR";

/// The first directory that holds the encoder with this hash.
fs::path find_base(const std::string& directory, const Making& making, const std::string& hash) {
  std::vector<fs::path> places(making.encoders.begin(), making.encoders.end());
  places.emplace_back(directory);
  const fs::path last = say(making.saved, "encoder");  // after a resume with it in a new place
  if (std::find(places.begin(), places.end(), last) == places.end()) places.push_back(last);
  std::string others;
  for (const auto& place : places) {
    if (!encoders::is_encoder(place)) continue;
    const auto found = encoders::hash(place);
    if (found == hash) return place;
    others += cat(others.empty() ? "" : ", ", place.string(), " has ", found);
  }
  const auto base =
      cat("stands on a ", say(making.saved, "encoder_family"), " encoder with the hash ", hash,
          ", which was ", say(making.saved, "encoder"));
  if (others.empty()) {
    for (const auto& place : making.encoders) fail_data(place, "is no encoder directory");
    fail_data(making.file, base + " and is there no longer" + kHow);
  }
  fail_data(making.file, cat(base, ", and ", others, ": another encoder", kHow));
}

}  // namespace

Base open_base(const std::string& directory, const Making& making) {
  Base base;
  base.hash = say(making.saved, "encoder_hash");
  if (base.hash.empty()) {
    base.directory = fs::absolute(directory).lexically_normal().string();
    base.encoder = encoders::load(directory);
    base.hash = encoders::hash(directory);
  } else if (say(making.saved, "encoder_saved") == "all") {
    base.directory = say(making.saved, "encoder");
    base.encoder = std::make_shared<encoders::Encoder>(
        encoders::config_from_text(say(making.saved, "encoder_config"),
                                   say(making.saved, "encoder_preprocessor"), making.file));
  } else {
    const auto place = find_base(directory, making, base.hash);
    base.directory = fs::absolute(place).lexically_normal().string();
    base.encoder = encoders::load(place);
  }
  return base;
}

std::map<std::string, std::string> Base::metadata(bool all_saved) const {
  const auto& config = encoder->config();
  return {{"encoder", directory},
          {"encoder_hash", hash},
          {"encoder_family", encoders::to_text(config.family)},
          {"encoder_config", encoders::config_json(config).dump()},
          {"encoder_preprocessor", encoders::preprocessor_json(config).dump()},
          {"encoder_saved", all_saved ? "all" : "changed"}};
}

}  // namespace kuchi::models
