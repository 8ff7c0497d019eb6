// src/augment/augment.h
#pragma once

#include <cstdint>
#include <span>

#include "augment/options.h"
#include "augment/take.h"
#include "core/matrix.h"
#include "core/random.h"
#include "curves/rig.h"

namespace kuchi::augment {

// --- audio and curves; the changes are listed in changes.h

/// What the changes need of a rig and of files. UserError (config) where `mirror` is asked for and
/// the rig has no pairs, or bounds are the wrong way round; (data) for a folder without sound.
Scene make_scene(const Options& options, const curves::Rig& rig);

/// Whether any change to audio or curves may be drawn.
bool changes_audio(const Options& options);
/// Whether this key draws one.
bool draws_any(const Options& options, const Key& key);
/// How much audio a take should have before its first frame and after its last, so that windows
/// and reverberation hear what was there.
double context_before_s(const Options& options);
double context_after_s(const Options& options);

/// How many times as fast a take is spoken, 1 where it is not changed: exp(U(-a, a)),
/// a = ln(1 + share). Drawn before the take is cut, since it says how much must be cut.
double draw_speed(const Options& options, const Key& key);

/// All changes that `key` draws, in the order of changes(). A pure function of its arguments.
void apply(const Options& options, const Scene& scene, const Key& key, Take& take);

/// Names what apply() does to a clip at a key: all options of audio changes, and the files.
std::string signature(const Options& options, const Scene& scene);

// --- features

/// How a feature row is made up, and what the training part looks like.
struct Layout {
  int64_t bands = 80;                // mel bands
  int64_t stack = 3;                 // copies of the bands, neighbours in time
  std::span<const float> mean, std;  // [bands * stack], of the training features
};

/// Changes `features` [frames, bands · stack] in place; every stacked copy is changed alike, so
/// that a masked band is masked at all its times. Masked and dropped values become the training
/// mean. In this order: warp and shift of bands, gain, noise, masks, dropout. (rate changes times,
/// so whoever cuts the segment asks draw_rate.)
/// Source of the masks: SpecAugment, Park et al., Interspeech 2019.
void apply(const Options& options, const Layout& layout, Stream stream, Matrix& features);

/// How much faster a segment is spoken, curves and sound together: exp(U(-a, a)), a = ln(1 + rate).
double draw_rate(const Options& options, Stream stream);

}  // namespace kuchi::augment
