// src/features/feature_stream.h
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <variant>

#include "features/features.h"
#include "features/log_mel_stream.h"
#include "features/state_stream.h"

namespace kuchi::features {

/// compute() of a clip that is still coming, log-mel or an encoder's states under a window, at the
/// times of curve frames. However the clip is cut into pieces, all frames together are those of
/// compute() on the whole clip, within 1e-6. A frame comes when its audio has been heard
/// (reach_s()) and it is sure that the clip has it, which is when the audio reaches the frame after
/// it. Memory does not grow.
class FeatureStream {
 public:
  /// std::logic_error for features that can_stream() denies.
  FeatureStream(const Options& options, double fps);
  /// The samples that follow, 16 kHz → [frames, dim]
  Matrix push(std::span<const float> samples);
  /// No more will come → [frames, dim], those still owed. The last call.
  Matrix finish();
  int64_t samples() const;

 private:
  Matrix frames(double last_row);
  bool has_rows(int64_t frame) const;
  std::span<const float> row(int64_t k) const { return rows_.row(k - first_); }
  void take(Matrix&& rows);

  Options options_;
  double fps_;
  std::variant<LogMelStream, StateStream> source_;
  Matrix rows_;        // those that later frames may need
  int64_t first_ = 0;  // number of the first of them
  int64_t next_ = 0;   // frame
};

/// False for an encoder without a window: its every state hears the whole clip.
bool can_stream(const Options& options);

/// How far beyond a frame's own time the audio goes that its features are made of, at most over all
/// frames: half of a window of 25 ms, the neighbours of the stack, and the way to the next row
/// where a frame falls between two; of an encoder to the end of the window that its states are of.
/// nullopt where a frame hears the whole clip.
std::optional<double> reach_s(const Options& options, double fps);

}  // namespace kuchi::features
