#include "synth/speaker.h"

#include "core/random.h"

namespace kuchi::synth {
namespace {

/// Rung i of n even rungs from low to high.
double rung(int64_t i, int n, double low, double high) {
  return low + (high - low) * static_cast<double>(i) / (n - 1);
}

/// Ranks in which half of the pairs of neighbours (0 and 1, 2 and 3 …) have changed places.
std::vector<int64_t> swap_neighbours(std::vector<int64_t> ranks, Stream draw) {
  std::vector<bool> swapped(ranks.size() / 2);
  for (size_t i = 0; i < swapped.size(); ++i) swapped[i] = draw.chance(0.5);
  for (int64_t& r : ranks) {
    if (swapped[static_cast<size_t>(r / 2)]) r ^= 1;
  }
  return ranks;
}

}  // namespace

std::string to_string(Language language) {
  switch (language) {
    case Language::ja:
      return "ja";
    case Language::en:
      return "en";
    default:
      return "zh";
  }
}

std::vector<Speaker> speakers(uint64_t seed) {
  const auto size_rank = permutation(kSpeakers, Stream(seed, "speaker size"));
  const auto lead_rank = swap_neighbours(size_rank, Stream(seed, "speaker lead"));
  std::vector<Speaker> all(kSpeakers);
  for (size_t i = 0; i < all.size(); ++i) {
    Stream draw(seed, "speaker", i);
    Speaker& s = all[i];
    s.id = std::string("s") + (i < 10 ? "0" : "") + std::to_string(i);
    s.language = static_cast<Language>(i % 3);
    // Short tracts go with high voices, loosely.
    s.tract = rung(size_rank[i], kSpeakers, 0.90, 1.17) * draw.uniform(0.99, 1.01);
    s.pitch_hz = rung(size_rank[i], kSpeakers, 95, 235) * draw.uniform(0.95, 1.05);
    s.pitch_range = draw.uniform(0.7, 1.2);
    s.rate = draw.uniform(0.78, 0.92);
    s.range = draw.uniform(0.92, 1.08);
    s.lead_s = rung(lead_rank[i], kSpeakers, -0.040, 0.120);
    s.open_quotient = draw.uniform(0.5, 0.7);
    s.tilt = draw.uniform(0.15, 0.40);
    s.breath = draw.uniform(0.02, 0.06);
    s.left_share = draw.uniform(-0.08, 0.08);
    s.jaw_side = draw.uniform(-0.08, 0.08);
    s.mouth_side = draw.uniform(-0.10, 0.10);
  }
  return all;
}

const std::vector<Style>& styles() {
  static const std::vector<Style> all = {{"calm", 0.92, 0.90, 0.7, 0.85},
                                         {"plain", 1.00, 1.00, 1.0, 1.0},
                                         {"lively", 1.08, 1.08, 1.5, 1.2}};
  return all;
}

}  // namespace kuchi::synth
