// src/models/long_clip.h
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <memory>
#include <span>

#include "features/feature_stream.h"
#include "models/model.h"

namespace kuchi::models {

/// How a long recording is cut for a head that wants the whole clip.
struct Windows {
  double window_s = 60;  // 0: the whole clip at once
  double overlap_s = 5;  // heard on each side of a window beside what is kept of it
};

/// A model's curves for a recording of any length, in memory that does not grow with it (but for
/// the curves). What is no longer than a window is heard at once. Beyond that a head with a stream
/// (on the CPU) carries its state, and gives what it would give for the whole, within 1e-5. Any
/// other hears windows: 2 · overlap_s are heard by both neighbours, and in the middle half of that
/// their curves pass over into one another; away from there a frame's curves are those of the whole
/// as far as the head makes nothing of what is further away than overlap_s.
class LongClip {
 public:
  /// The model is in evaluation mode, on `device`, and outlives this. std::logic_error for one that
  /// can_hear_in_pieces() denies; UserError (config) for windows that overlap by half or more.
  LongClip(Model& model, at::Device device, const Windows& windows);
  /// The samples that follow, 16 kHz mono.
  void push(std::span<const float> samples);
  /// No more will come → [frames, curves], as many as features::frame_count() says. The last call.
  Matrix finish();

 private:
  void take(const Matrix& features);
  void stream(const Matrix& features);
  void hear_window(bool last);
  Matrix answer(int64_t frames);
  int64_t rows() const { return static_cast<int64_t>(features_.size()) / dim_; }

  Model& model_;
  at::Device device_;
  int64_t window_, overlap_, dim_;  // frames; window 0: all
  features::FeatureStream source_;
  std::unique_ptr<HeadStream> head_;  // once the clip proves longer than a window
  std::vector<float> features_;       // [frames, dim] that a window still needs
  int64_t first_ = 0;                 // frame of the clip, of the first of them
  Matrix out_;                        // [frames, curves]
};

/// False where features hear the whole clip: those of a speech encoder without features.window.
bool can_hear_in_pieces(const Model& model);

}  // namespace kuchi::models
