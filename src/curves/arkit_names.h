// src/curves/arkit_names.h
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace kuchi::curves {

/// The 52 blendshapes of Apple's ARFaceAnchor in the order most tools write them.
inline constexpr std::array<std::string_view, 52> kArkitNames = {
    "eyeBlinkLeft",      "eyeLookDownLeft",    "eyeLookInLeft",
    "eyeLookOutLeft",    "eyeLookUpLeft",      "eyeSquintLeft",
    "eyeWideLeft",       "eyeBlinkRight",      "eyeLookDownRight",
    "eyeLookInRight",    "eyeLookOutRight",    "eyeLookUpRight",
    "eyeSquintRight",    "eyeWideRight",       "jawForward",
    "jawLeft",           "jawRight",           "jawOpen",
    "mouthClose",        "mouthFunnel",        "mouthPucker",
    "mouthLeft",         "mouthRight",         "mouthSmileLeft",
    "mouthSmileRight",   "mouthFrownLeft",     "mouthFrownRight",
    "mouthDimpleLeft",   "mouthDimpleRight",   "mouthStretchLeft",
    "mouthStretchRight", "mouthRollLower",     "mouthRollUpper",
    "mouthShrugLower",   "mouthShrugUpper",    "mouthPressLeft",
    "mouthPressRight",   "mouthLowerDownLeft", "mouthLowerDownRight",
    "mouthUpperUpLeft",  "mouthUpperUpRight",  "browDownLeft",
    "browDownRight",     "browInnerUp",        "browOuterUpLeft",
    "browOuterUpRight",  "cheekPuff",          "cheekSquintLeft",
    "cheekSquintRight",  "noseSneerLeft",      "noseSneerRight",
    "tongueOut"};

/// The column of a curve in kArkitNames' order, by its name there; 52 for any other name.
constexpr int64_t arkit_index(std::string_view name) {
  return std::find(kArkitNames.begin(), kArkitNames.end(), name) - kArkitNames.begin();
}

/// Head and eye rotations that Live Link Face writes after the 52.
inline constexpr std::array<std::string_view, 9> kLiveLinkRotations = {
    "HeadYaw",     "HeadPitch",   "HeadRoll",      "LeftEyeYaw",  "LeftEyePitch",
    "LeftEyeRoll", "RightEyeYaw", "RightEyePitch", "RightEyeRoll"};

/// Live Link Face has JawRight before JawLeft and MouthRight before MouthLeft: the 52 in its order.
constexpr std::array<std::string_view, 52> live_link_order() {
  auto names = kArkitNames;
  for (size_t i = 0; i + 1 < names.size(); ++i) {
    if (names[i] == "jawLeft" || names[i] == "mouthLeft") {
      const auto left = names[i];
      names[i] = names[i + 1];
      names[i + 1] = left;
      ++i;
    }
  }
  return names;
}

/// Whether `name` is one of the 52, without regard to case and separators.
bool is_arkit_name(std::string_view name);

/// The 52 as strings, for messages.
std::vector<std::string> arkit_names();

/// "; did you mean "x"?" where a candidate is near, else "; " and the other advice.
std::string advice(std::string_view name, const std::vector<std::string>& candidates,
                   const std::string& otherwise);

}  // namespace kuchi::curves
