#include "data/srt.h"

#include <cmath>
#include <cstdio>

#include "core/text.h"

namespace kuchi::data {
namespace {

std::string time_text(double time_s) {
  const long long ms = std::llround(time_s * 1000);
  char text[48];
  std::snprintf(text, sizeof text, "%02lld:%02lld:%02lld,%03lld", ms / 3600000, ms / 60000 % 60,
                ms / 1000 % 60, ms % 1000);
  return text;
}

std::string one_line(const std::string& label) {
  std::string out;
  for (const char c : trim(printable(label))) {
    if (c != ' ' || out.empty() || out.back() != ' ') out += c;
  }
  return out;
}

}  // namespace

std::string to_srt(const Tier& tier) {
  std::string out;
  int number = 0;
  for (const auto& interval : tier.intervals) {
    const auto label = one_line(interval.label);
    if (tier.points || label.empty()) continue;
    out += cat(++number, "\n", time_text(interval.begin_s), " --> ", time_text(interval.end_s),
               "\n", label, "\n\n");
  }
  return out;
}

}  // namespace kuchi::data
