#include "synth/face.h"

#include <algorithm>
#include <array>

#include "core/portable_math.h"

namespace kuchi::synth {
namespace {

enum Curve {
  jawForward,
  jawLeft,
  jawRight,
  jawOpen,
  mouthClose,
  mouthFunnel,
  mouthPucker,
  mouthLeft,
  mouthRight,
  mouthSmileLeft,
  mouthSmileRight,
  mouthFrownLeft,
  mouthFrownRight,
  mouthDimpleLeft,
  mouthDimpleRight,
  mouthStretchLeft,
  mouthStretchRight,
  mouthRollLower,
  mouthRollUpper,
  mouthShrugLower,
  mouthShrugUpper,
  mouthPressLeft,
  mouthPressRight,
  mouthLowerDownLeft,
  mouthLowerDownRight,
  mouthUpperUpLeft,
  mouthUpperUpRight,
  kCurves
};

using Values = std::array<double, kCurves>;

void set_pair(Values& v, Curve left, Curve right, double value, double left_share) {
  v[left] = value * (1 + left_share);
  v[right] = value * (1 - left_share);
}

/// One of two opposite curves, by the sign of the side.
void set_side(Values& v, Curve left, Curve right, double value, double side) {
  v[left] = std::max(0.0, value * side);
  v[right] = std::max(0.0, -value * side);
}

Values pose(const Articulation& a, const Speaker& s) {
  const double jaw = a[kJaw], round = a[kRound], spread = a[kSpread], bite = a[kLipToTeeth];
  const double close = std::max(a[kClose], 0.6 * bite);
  const double gap = jaw * (1 - close);           // what one sees between the lips
  const double wide = std::min(1.0, gap / 0.40);  // 1: lips clearly apart
  const double press = portable::smooth_step((a[kClose] - 0.72) / 0.28);
  const double teeth = a[kTeeth];
  Values v{};
  v[jawForward] = 0.30 * teeth + 0.12 * bite;
  v[jawOpen] = jaw;
  v[mouthClose] = jaw * close;
  v[mouthFunnel] = 0.85 * round * (0.35 + 0.65 * wide);
  v[mouthPucker] = 0.90 * round * round * (1 - 0.55 * wide);
  set_side(v, jawLeft, jawRight, jaw, s.jaw_side);
  set_side(v, mouthLeft, mouthRight, round + 0.5 * spread, s.mouth_side);
  const double smile = 0.60 * spread * (1 - 0.6 * round);
  set_pair(v, mouthSmileLeft, mouthSmileRight, smile, s.left_share);
  set_pair(v, mouthFrownLeft, mouthFrownRight, 0.20 * bite + 0.12 * press, s.left_share);
  set_pair(v, mouthDimpleLeft, mouthDimpleRight, 0.35 * spread * spread * (1 - wide) + 0.12 * press,
           s.left_share);
  set_pair(v, mouthStretchLeft, mouthStretchRight, 0.50 * spread * (0.25 + 0.75 * wide),
           -s.left_share);
  v[mouthRollLower] = 0.75 * bite + 0.40 * press;
  v[mouthRollUpper] = 0.35 * press;
  v[mouthShrugLower] = 0.25 * press + 0.20 * round * round + 0.15 * teeth;
  v[mouthShrugUpper] = 0.25 * press + 0.12 * round * round;
  set_pair(v, mouthPressLeft, mouthPressRight, 0.65 * press, s.left_share);
  set_pair(v, mouthLowerDownLeft, mouthLowerDownRight,
           0.60 * gap * (1 - 0.6 * round) + 0.28 * teeth * (1 - press), s.left_share);
  set_pair(v, mouthUpperUpLeft, mouthUpperUpRight,
           0.35 * gap * (1 - round) + 0.22 * bite + 0.15 * teeth * (1 - press), -s.left_share);
  return v;
}

}  // namespace

std::vector<std::string> curve_names() {
  return {"jawForward",          "jawLeft",          "jawRight",         "jawOpen",
          "mouthClose",          "mouthFunnel",      "mouthPucker",      "mouthLeft",
          "mouthRight",          "mouthSmileLeft",   "mouthSmileRight",  "mouthFrownLeft",
          "mouthFrownRight",     "mouthDimpleLeft",  "mouthDimpleRight", "mouthStretchLeft",
          "mouthStretchRight",   "mouthRollLower",   "mouthRollUpper",   "mouthShrugLower",
          "mouthShrugUpper",     "mouthPressLeft",   "mouthPressRight",  "mouthLowerDownLeft",
          "mouthLowerDownRight", "mouthUpperUpLeft", "mouthUpperUpRight"};
}

Matrix face_curves(const ArticulationTrack& track, const Speaker& speaker, double range, double fps,
                   int64_t frames) {
  Matrix out(frames, kCurves);
  for (int64_t j = 0; j < frames; ++j) {
    const double t = static_cast<double>(j) / fps + speaker.lead_s;
    const double scale = range * track.awake_at(t);
    const Values v = pose(track.at(t), speaker);
    for (int64_t c = 0; c < kCurves; ++c) {
      out(j, c) = static_cast<float>(std::clamp(scale * v[static_cast<size_t>(c)], 0.0, 1.0));
    }
  }
  return out;
}

double aperture(std::span<const float> curves) {
  const double gap = static_cast<double>(curves[jawOpen]) - static_cast<double>(curves[mouthClose]);
  return std::clamp(gap, 0.0, 1.0);
}

}  // namespace kuchi::synth
