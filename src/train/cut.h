// src/train/cut.h
#pragma once

#include <span>

#include "augment/augment.h"
#include "data/split.h"
#include "features/features.h"
#include "train/clips.h"

namespace kuchi::train {

/// How much audio around its frames a take may have, seconds of the clip.
struct Context {
  double before_s = 0, after_s = 0;    // wanted
  double from_s = 0, until_s = 1e300;  // never beyond
};
/// What changes and features of a segment in this piece want to hear around it: an encoder a
/// second on both sides, and nothing of another split but what a window reaches (60 ms).
Context context_within(const data::Piece& piece, const augment::Options& augment,
                       const features::Options& features, bool hears_audio, double fps);

/// Curves at places of a clip (in frames, rising) with the audio there and around; speed, step and
/// level are the caller's. Audio begins on a whole hop of the log-mel clock, so that features of an
/// unchanged take are those of the clip, but for the rounding of a frame's time.
augment::Take cut(const Clips& clips, int64_t clip, std::span<const double> places, double fps,
                  const Context& context);

/// The take's audio from its first frame to the end of its last.
std::vector<float> framed_audio(const augment::Take& take);

}  // namespace kuchi::train
