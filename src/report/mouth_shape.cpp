#include "report/mouth_shape.h"

#include <algorithm>
#include <cmath>

// Line by line what page/mouth_shape.js does; tests/golden/mouth.json holds the two together. The
// factors and why they are so stand there.
namespace kuchi::report {
namespace {

constexpr double kHalfWidth = 100;
constexpr double kJawDrop = 112;  // how far jawOpen = 1 takes the lower jaw down
constexpr double kUpperLip = 24;  // thickness in the middle
constexpr double kLowerLip = 32;
using Places = std::array<double, 7>;  // along a lip, between its corners

double mix(double a, double b, double s) { return a + (b - a) * s; }

/// The channels by the names that the formulas use.
struct Channels {
  explicit Channels(const MouthPose& c)
      : jaw_open(c[mouth_channel("jawOpen")]),
        funnel(c[mouth_channel("mouthFunnel")]),
        pucker(c[mouth_channel("mouthPucker")]),
        close(std::min(c[mouth_channel("mouthClose")], jaw_open)),
        smile_left(c[mouth_channel("mouthSmileLeft")]),
        smile_right(c[mouth_channel("mouthSmileRight")]),
        press((c[mouth_channel("mouthPressLeft")] + c[mouth_channel("mouthPressRight")]) / 2),
        smile((smile_left + smile_right) / 2),
        stretch((c[mouth_channel("mouthStretchLeft")] + c[mouth_channel("mouthStretchRight")]) / 2),
        round(std::max(funnel, pucker)) {}
  double jaw_open, funnel, pucker, close, smile_left, smile_right;
  double press, smile, stretch;  // of both sides
  double round;
};

/// How far out and down a corner of the mouth is.
struct Corner {
  double out, down;
};

Corner corner(const Channels& c, double smile, double frown, double stretch, double dimple,
              double press) {
  const double narrow = 50 * c.pucker + 36 * c.funnel + 12 * c.jaw_open;
  return {kHalfWidth - narrow + 15 * smile + 19 * stretch + 7 * dimple - 3 * frown + 3 * press,
          -25 * smile + 19 * frown + 3 * stretch - 3 * dimple};
}

/// One number for the upper lip, one for the lower.
struct Lips {
  double upper, lower;
};

Lips thicknesses(const Channels& c, const MouthPose& pose) {
  const double forward = 1 + 0.2 * c.pucker + 0.2 * c.funnel - 0.16 * c.smile - 0.14 * c.stretch;
  const double pressed = 1 - 0.4 * c.press;
  return {kUpperLip * forward * (1 - 0.78 * pose[mouth_channel("mouthRollUpper")]) * pressed *
              (1 - 0.1 * c.jaw_open),
          kLowerLip * forward * (1 - 0.78 * pose[mouth_channel("mouthRollLower")]) * pressed *
              (1 - 0.16 * c.jaw_open)};
}

/// Where the inner edges of both lips are in the middle.
Lips gap_of(const Channels& c, const MouthPose& pose) {
  const double rounded = (20 * c.funnel + 5 * c.pucker) * (1 - c.close);
  const double open = std::max(0.0, kJawDrop * (c.jaw_open - c.close) + rounded - 5 * c.press);
  const double shrug =
      pose[mouth_channel("mouthShrugUpper")] + pose[mouth_channel("mouthShrugLower")];
  const double meet = 0.42 * kJawDrop * c.close - 7 * shrug;
  return {meet - std::min(open * 0.1, 9.0), meet + open * 0.92};
}

/// The lips' lines as functions of s, from -1 at one corner to 1 at the other.
struct Curves {
  MouthPoint left_end, right_end;
  Lips gap;
  double wide;  // 0 … 1: how much an opened mouth is an oval and no almond
  double up_right, up_left, down_right, down_left;

  double width() const { return (right_end.x - left_end.x) / 2; }
  double middle() const { return (right_end.x + left_end.x) / 2; }
  /// How much of the middle's movement a place has.
  double ease(double s) const { return 1 - std::pow(std::abs(s), mix(2.1, 3.4, wide)); }
  double shape(double s, double at) const {
    return mix(mix(left_end.y, right_end.y, (s + 1) / 2), at, ease(s));
  }
  double up(double s) const {
    return shape(s, gap.upper - 20 * mix(up_right, up_left, (s + 1) / 2));
  }
  double low(double s) const {
    return shape(s, gap.lower + 22 * mix(down_right, down_left, (s + 1) / 2));
  }
  /// A dip in the middle of the upper lip, that the lower one makes room for.
  double dip(double s) const {
    return 3 * std::max(0.0, 1 - std::abs(s) / 0.28) * (1 - 0.5 * wide);
  }
};

/// The lower lip goes sideways with the jaw (pull), its corners do not. y(place, s).
template <typename Y>
MouthOutline line(const Curves& lips, const Places& places, const Y& y, double pull) {
  MouthOutline out;
  out.front() = lips.left_end;
  for (size_t i = 0; i < places.size(); ++i) {
    const double s = places[i];
    out[i + 1] = {lips.middle() + lips.width() * s + pull * lips.ease(s), y(i, s)};
  }
  out.back() = lips.right_end;
  return out;
}

// Thickness along the lips, as shares of that in the middle; pursed lips are thick all round.
constexpr Places kInner = {-0.9, -0.64, -0.3, 0, 0.3, 0.64, 0.9};
constexpr Places kUpper = {-0.86, -0.55, -0.19, 0, 0.19, 0.55, 0.86};
constexpr Places kUpperThin = {0.3, 0.66, 1, 1, 1, 0.66, 0.3};
constexpr Places kUpperFull = {0.62, 0.9, 1, 1, 1, 0.9, 0.62};
constexpr Places kLower = {-0.86, -0.6, -0.3, 0, 0.3, 0.6, 0.86};
constexpr Places kLowerThin = {0.36, 0.75, 0.98, 1, 0.98, 0.75, 0.36};
constexpr Places kLowerFull = {0.6, 0.88, 0.98, 1, 0.98, 0.88, 0.6};

Curves curves_of(const Channels& c, const MouthPose& pose) {
  const auto of = [&](size_t channel) { return pose[channel]; };
  const Corner left = corner(
      c, c.smile_left, of(mouth_channel("mouthFrownLeft")), of(mouth_channel("mouthStretchLeft")),
      of(mouth_channel("mouthDimpleLeft")), of(mouth_channel("mouthPressLeft")));
  const Corner right =
      corner(c, c.smile_right, of(mouth_channel("mouthFrownRight")),
             of(mouth_channel("mouthStretchRight")), of(mouth_channel("mouthDimpleRight")),
             of(mouth_channel("mouthPressRight")));
  const Lips gap = gap_of(c, pose);
  const double side = 26 * (of(mouth_channel("mouthLeft")) - of(mouth_channel("mouthRight")));
  const double drop = mix(gap.upper, gap.lower, 0.34);
  // The viewer sees the face's left on the right.
  return {{-right.out + side, drop + right.down},
          {left.out + side, drop + left.down},
          gap,
          std::min(1.0, std::max(0.0, gap.lower - gap.upper) / 60),
          of(mouth_channel("mouthUpperUpRight")),
          of(mouth_channel("mouthUpperUpLeft")),
          of(mouth_channel("mouthLowerDownRight")),
          of(mouth_channel("mouthLowerDownLeft"))};
}

}  // namespace

MouthShape mouth_shape(const MouthPose& pose) {
  const Channels c(pose);
  const Curves lips = curves_of(c, pose);
  const Lips thick = thicknesses(c, pose);
  const double jaw_side = 20 * (pose[mouth_channel("jawLeft")] - pose[mouth_channel("jawRight")]);
  const double bow = 6 * (1 - 0.65 * c.round);  // depth of the cupid's bow
  const double puff = pose[mouth_channel("cheekPuff")];

  MouthShape out;
  out.upper_inner = line(
      lips, kInner, [&](size_t, double s) { return lips.up(s) + lips.dip(s); }, 0);
  out.lower_inner = line(
      lips, kInner,
      [&](size_t, double s) {
        return std::max(lips.low(s) + lips.dip(s), lips.up(s) + lips.dip(s) + 0.4);
      },
      jaw_side);
  out.upper_outer = line(
      lips, kUpper,
      [&](size_t i, double s) {
        const double part = s == 0 ? 0.55 : std::abs(s) < 0.3 ? -0.35 : 0;
        return lips.up(s) - thick.upper * mix(kUpperThin[i], kUpperFull[i], c.round) + bow * part;
      },
      0);
  out.lower_outer = line(
      lips, kLower,
      [&](size_t i, double s) {
        return lips.low(s) + thick.lower * mix(kLowerThin[i], kLowerFull[i], c.round) +
               4 * puff * lips.ease(s);
      },
      jaw_side);
  out.left_end = lips.left_end;
  out.right_end = lips.right_end;
  out.middle = lips.middle();
  out.jaw = {jaw_side, kJawDrop * c.jaw_open};
  out.tongue = pose[mouth_channel("tongueOut")];
  out.round = c.round;
  out.puff = puff;
  out.smile_left = c.smile_left;
  out.smile_right = c.smile_right;
  out.opening = out.lower_inner[kMouthMiddle].y - out.upper_inner[kMouthMiddle].y;
  out.chin_up = 8 * pose[mouth_channel("mouthShrugLower")];
  return out;
}

}  // namespace kuchi::report
