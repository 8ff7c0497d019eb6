#pragma once

#include <span>

#include "curves/timecode.h"

namespace kuchi::curves {

/// How a recording's timecodes become seconds.
///
/// Drop-frame timecode (SMPTE ST 12-1, 8.2.3) names 29.97 frames/s by 30 numbers: numbers 0 and 1
/// (of 60: 0 to 3) are left out where a minute begins that is not a tenth one. The numbers count
/// frames, and a frame lasts 1001/30000 s; read as seconds they are up to 60 ms wrong, and where
/// the numbers are left out 67 ms are lost. Timecodes of 29.97 that drop nothing cannot be told
/// from those of 30: they run 0.1 % slow, which only the sound can tell (sync::estimate).
struct TimecodeClock {
  int base = 30;      // numbers a second
  bool drop = false;  // some are left out; base is then a multiple of 30

  /// From midnight.
  double seconds(const Timecode& code) const;
  /// After so long the codes begin at 0 again: 86 400, or 86 399.9136 where numbers are dropped.
  double day_s() const;
};

/// The base as timecode_base() finds it. Numbers are dropped where codes are written with ';' and
/// none stands that cannot be, or where each of two minutes and more that begin left them out.
TimecodeClock timecode_clock(std::span<const Timecode> codes, double at_least = 0);

}  // namespace kuchi::curves
