// src/post/snap.h
#pragma once

#include <span>
#include <vector>

#include "curves/rig.h"

namespace kuchi::post {

/// Lips that are nearly shut are shut all the way, as a p needs it: once the rig's aperture falls
/// under `below` and until it rises above `above`, the curves that the aperture is made of are
/// changed, together and as little as possible, so that it is 0 (steps along its gradient, within
/// the curves' ranges). Between the two bounds what is shut stays shut and what is open stays open,
/// so that lips near a bound do not flicker.
class Snap {
 public:
  Snap(const curves::Rig& rig, double below, double above);
  /// One frame [curves], in place.
  void filter(std::span<float> frame);

 private:
  double aperture(std::span<const float> frame) const;
  void shut(std::span<float> frame) const;

  const curves::Rig& rig_;
  double below_, above_;
  std::vector<int64_t> curves_;  // that the aperture is made of
  bool shut_ = false;
};

}  // namespace kuchi::post
