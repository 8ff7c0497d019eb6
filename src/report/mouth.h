#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "core/matrix.h"
#include "curves/rig.h"

namespace kuchi::report {

/// The ARKit curves that the page's mouth is drawn from (src/report/page/mouth_shape.js).
inline constexpr std::array<std::string_view, 28> kMouthChannels = {
    "jawLeft",           "jawRight",           "jawOpen",
    "mouthClose",        "mouthFunnel",        "mouthPucker",
    "mouthLeft",         "mouthRight",         "mouthSmileLeft",
    "mouthSmileRight",   "mouthFrownLeft",     "mouthFrownRight",
    "mouthDimpleLeft",   "mouthDimpleRight",   "mouthStretchLeft",
    "mouthStretchRight", "mouthRollLower",     "mouthRollUpper",
    "mouthShrugLower",   "mouthShrugUpper",    "mouthPressLeft",
    "mouthPressRight",   "mouthLowerDownLeft", "mouthLowerDownRight",
    "mouthUpperUpLeft",  "mouthUpperUpRight",  "cheekPuff",
    "tongueOut"};

/// Whether the rig gives any of them, by name or by a to_arkit formula.
bool draws_a_mouth(const curves::Rig& rig);

/// values [frames, rig.size()] → [frames, kMouthChannels], 255 = 1, row after row. The rig must
/// draw a mouth.
std::vector<uint8_t> mouth_bytes(const curves::Rig& rig, const Matrix& values);

}  // namespace kuchi::report
