#include "core/provenance.h"

#include <algorithm>
#include <map>

#include "core/text.h"

namespace kuchi {
namespace {
constexpr const char* kNotStated = "not stated";
}  // namespace

std::vector<std::pair<std::string, std::string>> fields(const Provenance& p) {
  return {{"data", p.data},
          {"licence", p.licence},
          {"consent", p.consent},
          {"permitted_use", p.permitted_use},
          {"synthetic_mark", p.synthetic_mark}};
}

Provenance combined(const std::vector<Provenance>& parts) {
  std::map<std::string, std::vector<std::string>> said;  // by key, each text once
  for (const auto& part : parts) {
    for (const auto& [key, value] : fields(part)) {
      auto& texts = said[key];
      if (std::find(texts.begin(), texts.end(), value) == texts.end()) texts.push_back(value);
    }
  }
  return provenance_from([&](const std::string& key) {
    auto& texts = said[key];
    if (key == "synthetic_mark") std::erase(texts, "");
    if (texts.size() > 1)
      std::replace(texts.begin(), texts.end(), std::string(), std::string(kNotStated));
    return join(texts, " + ");
  });
}

std::string to_text(const Provenance& p) {
  std::string out;
  for (const auto& [key, value] : fields(p)) {
    out += "  " + key + ": " + (value.empty() ? std::string(kNotStated) : printable(value)) + "\n";
  }
  return out;
}

}  // namespace kuchi
