// src/augment/augment.h
#pragma once

#include <cstdint>
#include <span>

#include "config/schema.h"
#include "core/matrix.h"
#include "core/random.h"

namespace kuchi::augment {

/// Section `augment`: label-safe changes to a training segment, drawn anew every epoch.
struct Options {
  int64_t time_masks = 0;
  int64_t time_mask_frames = 10;
  int64_t band_masks = 0;
  int64_t band_mask_bands = 12;
  double band_shift = 0;
  double band_warp = 0;
  double rate = 0;
  double gain_db = 0;
  double noise = 0;
};
void describe(config::Section section, Options& options);

/// How a feature row is made up, and what the training part looks like.
struct Layout {
  int64_t bands = 80;                // mel bands
  int64_t stack = 3;                 // copies of the bands, neighbours in time
  std::span<const float> mean, std;  // [bands * stack], of the training features
};

/// Changes `features` [frames, bands · stack] in place; every stacked copy is changed alike, so
/// that a masked band is masked at all its times. Masked values become the training mean. In this
/// order: warp and shift of bands, gain, noise, masks. (rate changes times, so whoever cuts the
/// segment asks draw_rate.)
/// Source of the masks: SpecAugment, Park et al., Interspeech 2019.
void apply(const Options& options, const Layout& layout, Stream stream, Matrix& features);

/// How much faster a segment is spoken, curves and sound together: exp(U(-a, a)), a = ln(1 + rate).
double draw_rate(const Options& options, Stream stream);

}  // namespace kuchi::augment
