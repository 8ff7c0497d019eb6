#pragma once

#include <array>
#include <cstddef>
#include <string_view>

#include "report/mouth.h"  // kMouthChannels

namespace kuchi::report {

/// The channels that a mouth is drawn from, each 0 … 1, in kMouthChannels' order.
using MouthPose = std::array<double, kMouthChannels.size()>;

/// Where a channel stands in a pose; a name that is none does not compile.
consteval size_t mouth_channel(std::string_view name) {
  for (size_t i = 0; i < kMouthChannels.size(); ++i) {
    if (kMouthChannels[i] == name) return i;
  }
  throw "no channel of the mouth";
}

struct MouthPoint {
  double x = 0, y = 0;
};
/// From the corner on the viewer's left to the one on the right.
using MouthOutline = std::array<MouthPoint, 9>;
inline constexpr size_t kMouthMiddle = 4;

/// A mouth as points, and what is drawn around it. 100 is half the mouth's width at rest; the
/// origin is where the closed lips meet in the middle; x is to the viewer's right, y is down.
struct MouthShape {
  MouthOutline upper_inner, lower_inner, upper_outer, lower_outer;
  MouthPoint left_end, right_end;
  double middle = 0;  // between the corners
  MouthPoint jaw;     // how far it went
  double tongue = 0, round = 0, puff = 0;
  double smile_left = 0, smile_right = 0;  // the face's own
  double opening = 0;                      // between the lips, in the middle
  double chin_up = 0;
};

/// What src/report/page/mouth_shape.js computes for the page, number for number.
MouthShape mouth_shape(const MouthPose& pose);

}  // namespace kuchi::report
