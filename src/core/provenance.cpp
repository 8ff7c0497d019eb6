#include "core/provenance.h"

#include <algorithm>

namespace kuchi {

std::vector<std::pair<std::string, std::string>> fields(const Provenance& p) {
  return {{"data", p.data},
          {"licence", p.licence},
          {"consent", p.consent},
          {"permitted_use", p.permitted_use},
          {"synthetic_mark", p.synthetic_mark}};
}

std::string to_text(const Provenance& p) {
  std::string out;
  for (auto [key, value] : fields(p)) {
    std::replace_if(
        value.begin(), value.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; }, ' ');
    out += "  " + key + ": " + (value.empty() ? "not stated" : value) + "\n";
  }
  return out;
}

}  // namespace kuchi
