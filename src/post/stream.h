// src/post/stream.h
// A room of its own, between the curves and those who judge or show them: what is done here knows
// rigs, formulas, time and sound, and neither models nor metrics. In `curves` it would be what
// reads and writes files; in `eval` it would be out of the reach of a live stream's light parts.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "core/matrix.h"
#include "curves/rig.h"
#include "post/hush.h"
#include "post/one_euro.h"
#include "post/options.h"
#include "post/snap.h"

namespace kuchi::post {

/// The causal stages, frame by frame: 1€ filter, snap, ease to rest, clamping. However the frames
/// and samples come in pieces, the curves are the same, as long as a frame's sound (up to its own
/// time) was heard before it is filtered.
class Stream {
 public:
  /// The rig outlives this. UserError (config) for a stage that is not causal.
  Stream(const Options& options, const curves::Rig& rig, double fps);

  /// The samples that follow, 16 kHz mono; only the ease to rest listens.
  void hear(std::span<const float> samples);
  /// The frames that follow [frames, rig.size()], in place.
  void filter(Matrix& frames);

 private:
  void filter(std::span<float> frame);

  Options options_;
  const curves::Rig& rig_;
  std::optional<OneEuro> one_euro_;
  std::optional<Snap> snap_;
  std::optional<Hush> hush_;
};

/// All stages over a whole clip: values [frames, rig.size()], audio 16 kHz mono from the first
/// frame's time on. Without sound (empty) there is no ease to rest.
Matrix apply(const Options& options, const curves::Rig& rig, double fps, const Matrix& values,
             std::span<const float> audio);
/// The same of a long recording: next_piece fills in the samples that follow, false at the end. Not
/// called where nothing listens.
Matrix apply_to_recording(const Options& options, const curves::Rig& rig, double fps,
                          const Matrix& values,
                          const std::function<bool(std::vector<float>&)>& next_piece);

}  // namespace kuchi::post
