#pragma once

#include <optional>
#include <vector>

#include "core/matrix.h"
#include "curves/track.h"
#include "data/recipe.h"
#include "data/store.h"
#include "sync/correction.h"
#include "sync/estimate.h"

namespace kuchi::data {

/// What a clip's curve file held.
struct Capture {
  int64_t rows = 0;
  double fps = 0;                       // measured
  int64_t repeated = 0;                 // rows whose time was that of the row before; left out
  int64_t missing = 0;                  // rows that lack in gaps; filled by time
  std::optional<double> placed_s = {};  // how long after the sound it begins, where clocks say so
  double coverage = 0;  // share of the audio's time for which there are rows, 0 … 1
};

/// What a clip becomes; ready for StoreWriter::add.
struct MadeClip {
  StoreClip clip;
  Matrix features, curves;
  std::vector<float> audio;
  int64_t clamped = 0;  // values put back into the rig's range
  Capture capture;
  std::optional<sync::Estimate> sync;  // as found, where asked for
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
///
/// Where a correction is given the curves' times are changed by it first; audio from before they
/// then begin is cut off, so that no frame lies outside the capture. Without one the clip's lag is
/// estimated.
MadeClip make_clip(const FoundClip& found, const MakeOptions& options,
                   const sync::Correction* correction = nullptr);

/// A clip's lag alone. UserError (data): what the readers say.
std::optional<sync::Estimate> listen(const FoundClip& found, const MakeOptions& options);

/// Seconds: 2 % of the audio or half a second, whichever is more, but never over 5 % of a short
/// clip; two curve frames at least.
double duration_tolerance(double audio_s, double fps);

/// The rate that a measured one stands for: 59.904 → 60, 29.97 → 30000/1001, 4.5 → 4.5.
double nominal_fps(double measured);

}  // namespace kuchi::data
