#include "models/base.h"

#include "core/text.h"
#include "encoders/find.h"
#include "encoders/load.h"

namespace kuchi::models {
namespace fs = std::filesystem;
namespace {

std::string say(const std::map<std::string, std::string>& saved, const std::string& key) {
  const auto it = saved.find(key);
  return it == saved.end() ? "" : it->second;
}

/// The first directory that holds the encoder with this hash.
fs::path find_base(const std::string& directory, const Making& making, const std::string& hash) {
  encoders::Sought sought;
  sought.family = say(making.saved, "encoder_family");
  sought.hash = hash;
  sought.maybe = making.encoders;
  // The second: after a resume with it in a new place.
  sought.was = {directory, say(making.saved, "encoder")};
  sought.asks = making.file;
  sought.how = "name it with --encoder DIR, or to kuchi resume with model.wav2vec2.encoder=DIR";
  return encoders::find(sought);
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
