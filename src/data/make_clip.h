#pragma once

#include <vector>

#include "core/matrix.h"
#include "curves/track.h"
#include "data/recipe.h"
#include "data/store.h"

namespace kuchi::data {

/// What a clip becomes; ready for StoreWriter::add.
struct MadeClip {
  StoreClip clip;
  Matrix features, curves;
  std::vector<float> audio;
  int64_t clamped = 0;  // values put back into the rig's range
};

struct MakeOptions {
  curves::Rig rig;
  curves::ReadOptions read;
  features::Options features;
  double fps = 30;
};

/// Reads one clip's audio and curves and brings both to frames at j / fps.
///
/// Curves may be shorter or longer than the audio by duration_tolerance; the common part is used.
/// Values outside the rig's range by more than 1e-3 are counted and clamped. UserError (data),
/// with the file: what the readers say, durations that disagree, no whole frame, more than 5 % of
/// the values out of range.
MadeClip make_clip(const FoundClip& found, const MakeOptions& options);

/// Seconds: 2 % of the audio or half a second, whichever is more, but never over 5 % of a short
/// clip; two curve frames at least.
double duration_tolerance(double audio_s, double fps);

/// The rate that a measured one stands for: 59.904 → 60, 29.97 → 30000/1001, 4.5 → 4.5.
double nominal_fps(double measured);

}  // namespace kuchi::data
