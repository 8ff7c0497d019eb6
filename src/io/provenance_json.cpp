#include "io/provenance_json.h"

namespace kuchi::io {

nlohmann::ordered_json to_json(const Provenance& provenance) {
  nlohmann::ordered_json out;
  for (const auto& [key, value] : fields(provenance)) out[key] = value;
  return out;
}

Provenance provenance_from_json(const nlohmann::json& json) {
  return provenance_from([&](const char* key) {
    if (!json.is_object()) return std::string();
    const auto found = json.find(key);
    return found != json.end() && found->is_string() ? found->get<std::string>() : std::string();
  });
}

}  // namespace kuchi::io
