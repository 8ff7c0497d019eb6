// How far two rows of numbers are from one another.
#pragma once

#include <algorithm>
#include <cmath>
#include <span>

#include "catch.h"

namespace kuchi::test {

/// The largest difference; as many numbers in both is required.
inline double farthest(std::span<const float> a, std::span<const float> b) {
  REQUIRE(a.size() == b.size());
  double worst = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    worst = std::max(worst, std::abs(static_cast<double>(a[i]) - b[i]));
  }
  return worst;
}

}  // namespace kuchi::test
