#include "curves/arkit_names.h"

#include <set>
#include <string>

#include "core/text.h"

namespace kuchi::curves {

bool is_arkit_name(std::string_view name) {
  static const std::set<std::string> known = [] {
    std::set<std::string> names;
    for (const auto arkit : kArkitNames) names.insert(plain_name(arkit));
    return names;
  }();
  return known.count(plain_name(name)) > 0;
}

std::vector<std::string> arkit_names() { return {kArkitNames.begin(), kArkitNames.end()}; }

std::string advice(std::string_view name, const std::vector<std::string>& candidates,
                   const std::string& otherwise) {
  const std::string near = did_you_mean(name, candidates);
  return near.empty() ? "; " + otherwise : near;
}

}  // namespace kuchi::curves
