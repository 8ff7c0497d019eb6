#include "curves/timecode.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <vector>

#include "core/text.h"

namespace kuchi::curves {
namespace {

constexpr std::array kRatesInUse = {10, 12, 15, 20,  24,  25,  30,  48, 50,
                                    60, 72, 90, 100, 120, 144, 200, 240};
constexpr int kDay = 24 * 3600;

double quantile(std::vector<double> values, double share) {
  const auto place = std::lround(share * static_cast<double>(values.size() - 1));
  std::nth_element(values.begin(), values.begin() + place, values.end());
  return values[static_cast<size_t>(place)];
}

bool parse_digits(std::string_view text, int& out) {
  if (text.empty() || text.size() > 3) return false;
  for (const char c : text) {
    if (c < '0' || c > '9') return false;
  }
  long long value = 0;
  if (!parse_integer(text, value)) return false;
  out = static_cast<int>(value);
  return true;
}

int base_without_seconds(double highest, double at_least) {
  const double needed = std::max(at_least, std::floor(highest) + 1);
  for (const int rate : {30, 60, 120, 240}) {
    if (rate >= needed) return rate;
  }
  return static_cast<int>(std::ceil(needed));
}

}  // namespace

bool parse_timecode(std::string_view text, Timecode& out) {
  std::string_view fields[4];
  bool semicolon = false;
  for (int i = 0; i < 3; ++i) {
    const auto colon = i < 2 ? text.find(':') : text.find_first_of(":;");
    if (colon == std::string_view::npos) return false;
    fields[i] = text.substr(0, colon);
    semicolon = text[colon] == ';';
    text.remove_prefix(colon + 1);
  }
  fields[3] = text;
  int hours = 0, minutes = 0, seconds = 0;
  if (!parse_digits(fields[0], hours) || !parse_digits(fields[1], minutes) ||
      !parse_digits(fields[2], seconds) || hours > 24 || minutes > 59 || seconds > 59) {
    return false;
  }
  const bool plain = !text.empty() && text.find_first_not_of("0123456789.") == text.npos;
  double frames = 0;
  if (!plain || !parse_number(text, frames) || frames >= 1000) return false;
  out = {hours * 3600 + minutes * 60 + seconds, frames, semicolon};
  return true;
}

int timecode_base(std::span<const Timecode> codes, double at_least) {
  double highest = 0;
  std::vector<double> steps, wraps;
  for (size_t i = 0; i < codes.size(); ++i) {
    highest = std::max(highest, codes[i].frames);
    if (i == 0) continue;
    const int passed = (codes[i].seconds - codes[i - 1].seconds + kDay) % kDay;
    const double step = codes[i].frames - codes[i - 1].frames;
    if (passed == 0 && step > 0) steps.push_back(step);
    if (passed == 1) wraps.push_back(step);
  }
  if (steps.empty() || wraps.empty()) return base_without_seconds(highest, at_least);

  // Rows lost where the second passes make the estimate too low, never too high (but for jitter
  // of a step): a high quantile is right where the median of few seconds is not.
  const double step = quantile(steps, 0.5);
  const double estimate = step - quantile(wraps, 0.1);
  int nearest = 0;
  for (const int rate : kRatesInUse) {
    const bool possible = rate > highest && rate >= estimate - 0.75 * step;
    if (possible && (nearest == 0 || std::abs(rate - estimate) < std::abs(nearest - estimate))) {
      nearest = rate;
    }
  }
  // A base that nobody uses is believed if many seconds say so.
  const bool sure = wraps.size() >= 5;
  if (nearest != 0 && (!sure || std::abs(nearest - estimate) <= 0.05 * nearest)) return nearest;
  return std::max(static_cast<int>(std::lround(estimate)), static_cast<int>(highest) + 1);
}

std::string timecode_text(double time_s, int base) {
  const auto thousandths = std::llround(time_s * base * 1000);
  const long long a_second = 1000LL * base;
  const long long seconds = thousandths / a_second % kDay;
  const long long rest = thousandths % a_second;
  char text[64];
  std::snprintf(text, sizeof text, "%02lld:%02lld:%02lld:%02lld.%03lld", seconds / 3600,
                seconds / 60 % 60, seconds % 60, rest / 1000, rest % 1000);
  return text;
}

}  // namespace kuchi::curves
