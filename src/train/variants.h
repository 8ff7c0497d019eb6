// src/train/variants.h
#pragma once

#include <map>
#include <vector>

#include "augment/augment.h"
#include "features/features.h"
#include "train/clips.h"

namespace kuchi::train {

/// A whole clip changed once for all epochs (augment.audio=cached).
struct Variant {
  Matrix base;    // the feature's own clock
  Matrix curves;  // [frames of the changed clip, curves]
  double speed = 1;
};

/// All that a variant depends on beside its clip and number.
struct VariantsOf {
  const augment::Options& augment;
  const augment::Scene& scene;
  const features::Options& features;
  uint64_t seed;
  double fps;
  const std::string& store_hash;
  int64_t lag_frames = 0;  // that the store's audio was shifted by
};

/// augment.variants of each clip that has a speech level. An encoder's states are kept on disk, a
/// file a variant under KUCHI_CACHE/features, named after all they depend on, and found there by
/// the next training; log-mel is computed faster than it is read. All stay in memory.
std::map<int64_t, std::vector<Variant>> make_variants(const VariantsOf& of, const Clips& clips,
                                                      const std::map<int64_t, double>& speech_rms);

}  // namespace kuchi::train
