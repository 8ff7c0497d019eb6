#pragma once

#include <cstdint>
#include <span>

namespace kuchi::curves {

/// How regularly a track's rows come, by their times (rising strictly).
struct Cadence {
  double step_s = 0;         // the usual step: the median; 0 of one row
  int64_t gaps = 0;          // places where a row and more is missing: a step over 1.5 usual ones
  int64_t missing = 0;       // rows that would have stood there
  double longest_gap_s = 0;  // 0: none
};

Cadence cadence(std::span<const double> times_s);

}  // namespace kuchi::curves
