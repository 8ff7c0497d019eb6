#include "curves/drop_frame.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace kuchi::curves {
namespace {

constexpr int kMinute = 60, kTenMinutes = 10, kMinutesOfDay = 24 * 60;
constexpr double kFilm = 1001.0 / 1000;  // 30 numbers are a second of 29.97 frames

int dropped(int base) { return base / 30 * 2; }

/// Whether the minute of a code begins with numbers left out.
bool leaves_out(const Timecode& code) { return code.seconds / kMinute % kTenMinutes != 0; }

/// A number that drop-frame timecode does not have.
bool impossible(const Timecode& code, int base) {
  return leaves_out(code) && code.seconds % kMinute == 0 && code.frames < dropped(base);
}

double usual_step(std::span<const Timecode> codes) {
  std::vector<double> steps;
  for (size_t i = 1; i < codes.size(); ++i) {
    const double step = codes[i].frames - codes[i - 1].frames;
    if (codes[i].seconds == codes[i - 1].seconds && step > 0) steps.push_back(step);
  }
  if (steps.empty()) return 0;
  const auto middle = steps.begin() + static_cast<std::ptrdiff_t>(steps.size() / 2);
  std::nth_element(steps.begin(), middle, steps.end());
  return *middle;
}

/// Two minutes and more begin where rows follow each other, and each of them leaves its numbers
/// out.
bool seen_to_drop(std::span<const Timecode> codes, int base) {
  const double step = usual_step(codes);
  int begun = 0;
  for (size_t i = 1; i < codes.size(); ++i) {
    const Timecode &a = codes[i - 1], &b = codes[i];
    if (b.seconds != a.seconds + 1 || b.seconds % kMinute != 0 || !leaves_out(b)) continue;
    const double extra = base + b.frames - a.frames - step;
    if (std::abs(extra - dropped(base)) > step / 4) return false;
    ++begun;
  }
  return begun >= 2;
}

}  // namespace

double TimecodeClock::seconds(const Timecode& code) const {
  if (!drop) return code.seconds + code.frames / base;
  const int minutes = code.seconds / kMinute;
  const double counted = static_cast<double>(base) * code.seconds + code.frames -
                         static_cast<double>(dropped(base)) * (minutes - minutes / kTenMinutes);
  return counted * kFilm / base;
}

double TimecodeClock::day_s() const {
  if (!drop) return kMinutesOfDay * kMinute;
  const int left_out = dropped(base) * (kMinutesOfDay - kMinutesOfDay / kTenMinutes);
  return (static_cast<double>(base) * kMinutesOfDay * kMinute - left_out) * kFilm / base;
}

TimecodeClock timecode_clock(std::span<const Timecode> codes, double at_least) {
  TimecodeClock clock{timecode_base(codes, at_least)};
  const auto odd = [&](const Timecode& code) { return impossible(code, clock.base); };
  if (clock.base % 30 != 0 || std::any_of(codes.begin(), codes.end(), odd)) return clock;
  const auto marked = [](const Timecode& code) { return code.semicolon; };
  clock.drop = (!codes.empty() && std::all_of(codes.begin(), codes.end(), marked)) ||
               seen_to_drop(codes, clock.base);
  return clock;
}

}  // namespace kuchi::curves
