// src/edge/autocast.h
#pragma once

#include <c10/core/DeviceType.h>
#include <c10/core/ScalarType.h>

#include <optional>

namespace kuchi::edge {

/// The type that products on this kind of device take in this thread, where it is not their own.
std::optional<c10::ScalarType> autocast_type(c10::DeviceType device);

/// While it stands, products on a kind of device take a narrower type: LibTorch's autocast
/// (Micikevicius et al., ICLR 2018: weights and what is sensitive stay in float32). It holds for
/// this thread alone: a backward pass that runs layers again needs its own. Weights are narrowed
/// once and remembered until the outermost guard ends, so no guard may outlast a change of them.
class Autocast {
 public:
  /// nullopt: products take what they are given, within another guard too.
  Autocast(c10::DeviceType device, std::optional<c10::ScalarType> type);
  ~Autocast();
  Autocast(const Autocast&) = delete;
  Autocast& operator=(const Autocast&) = delete;

 private:
  c10::DeviceType device_;
  bool was_on_;
  c10::ScalarType was_type_;
};

}  // namespace kuchi::edge
