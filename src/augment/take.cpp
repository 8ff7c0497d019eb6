#include "augment/take.h"

#include <algorithm>
#include <cmath>

namespace kuchi::augment {

Stream Key::stream(const char* change) const {
  return Stream(seed, std::string("augment.") + change, epoch, place);
}

double speech_rms(const std::vector<float>& audio) {
  constexpr size_t kFrame = 320;
  std::vector<double> powers;
  for (size_t at = 0; at < audio.size(); at += kFrame) {
    const size_t end = std::min(audio.size(), at + kFrame);
    double sum = 0;
    for (size_t i = at; i < end; ++i) sum += static_cast<double>(audio[i]) * audio[i];
    powers.push_back(sum / static_cast<double>(end - at));
  }
  if (powers.empty()) return 0;
  const double least = *std::max_element(powers.begin(), powers.end()) / 1000;
  double sum = 0, count = 0;
  for (const double power : powers) {
    if (power < least) continue;
    sum += power;
    ++count;
  }
  return std::sqrt(sum / count);
}

}  // namespace kuchi::augment
