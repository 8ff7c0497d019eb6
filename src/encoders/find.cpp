#include "encoders/find.h"

#include "core/error.h"
#include "core/text.h"
#include "encoders/load.h"

namespace kuchi::encoders {

std::filesystem::path find(const Sought& sought) {
  std::vector<std::filesystem::path> places(sought.maybe.begin(), sought.maybe.end());
  places.insert(places.end(), sought.was.begin(), sought.was.end());
  std::string others;
  for (const auto& place : places) {
    if (!is_encoder(place)) continue;
    const auto found = hash(place);
    if (found == sought.hash) return place;
    others += cat(others.empty() ? "" : ", ", place.string(), " has ", found);
  }
  const auto base = cat("stands on a ", sought.family, " encoder with the hash ", sought.hash,
                        ", which was ", sought.was.back().string());
  if (others.empty()) {
    for (const auto& place : sought.maybe) {
      fail_data(std::filesystem::path(place), "is no encoder directory");
    }
    fail_data(sought.asks, base + " and is there no longer; " + sought.how);
  }
  fail_data(sought.asks, cat(base, ", and ", others, ": another encoder; ", sought.how));
}

}  // namespace kuchi::encoders
