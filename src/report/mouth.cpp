#include "report/mouth.h"

#include <algorithm>
#include <cmath>

#include "core/text.h"
#include "curves/arkit_names.h"
#include "curves/formats.h"

namespace kuchi::report {
namespace {

bool gives(const curves::Rig& rig, std::string_view channel) {
  const auto same = [&](const auto& entry) {
    return plain_name(entry.first) == plain_name(channel);
  };
  return rig.index(channel) >= 0 || std::any_of(rig.to_arkit.begin(), rig.to_arkit.end(), same);
}

}  // namespace

bool draws_a_mouth(const curves::Rig& rig) {
  return std::any_of(kMouthChannels.begin(), kMouthChannels.end(),
                     [&](std::string_view channel) { return gives(rig, channel); });
}

std::vector<uint8_t> mouth_bytes(const curves::Rig& rig, const Matrix& values) {
  const Matrix arkit = curves::to_arkit(rig, values);  // [frames, 52], in [0, 1]
  std::vector<uint8_t> out;
  out.reserve(static_cast<size_t>(arkit.rows) * kMouthChannels.size());
  for (int64_t t = 0; t < arkit.rows; ++t) {
    for (const auto channel : kMouthChannels) {
      out.push_back(
          static_cast<uint8_t>(std::lround(arkit(t, curves::arkit_index(channel)) * 255)));
    }
  }
  return out;
}

}  // namespace kuchi::report
