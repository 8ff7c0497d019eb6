// src/curves/timecode.h
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "core/error.h"

namespace kuchi::curves {

/// HH:MM:SS:FF.sub as written; frames count in a base the file does not name.
struct Timecode {
  int seconds = 0;         // of the day
  double frames = 0;       // FF.sub: sub is a decimal fraction of a frame
  bool semicolon = false;  // HH:MM:SS;FF: frames are dropped, or so it says (drop_frame.h)
};

/// Also HH:MM:SS;FF. False where it is no timecode.
bool parse_timecode(std::string_view text, Timecode& out);

/// How many frames make a second, worked out from what happens to FF where a second passes:
/// base = usual step - (FF after - FF before), over all seconds, brought to the nearest rate in
/// use. Some captures count in a 60 base at 30 rows/s, so neither the row rate nor the largest FF
/// alone tells. Where no second passes: the lowest of 30, 60, 120 … above every FF, and not below
/// at_least.
int timecode_base(std::span<const Timecode> codes, double at_least = 0);

/// Timecode of a time in a base, with three digits of sub-frame: "00:00:01:14.500".
std::string timecode_text(double time_s, int base);

}  // namespace kuchi::curves
