// src/models/live_weights.h
#pragma once

#include <stdexcept>
#include <string>
#include <vector>

namespace kuchi::models {

/// How live use keeps the weights that it reads once a frame: what a frame costs is to read them.
enum class LiveWeights { float32, bfloat16, int8 };

/// As options spell them, in the order of the enum.
inline const std::vector<std::string> kLiveWeights = {"fp32", "bf16", "int8"};
/// std::logic_error for another name.
inline LiveWeights live_weights(const std::string& name) {
  for (size_t i = 0; i < kLiveWeights.size(); ++i) {
    if (kLiveWeights[i] == name) return static_cast<LiveWeights>(i);
  }
  throw std::logic_error("no weights of live use: " + name);
}

}  // namespace kuchi::models
