// src/models/clip_rows.h
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

namespace kuchi::models {

/// Where the frames of a padded batch lie when the clips stand one after another, as attention
/// wants them: clip i in rows offsets[i] … offsets[i + 1] − 1. No padding is computed on.
struct ClipRows {
  int64_t clips = 0, frames = 0;  // of the padded batch
  int64_t total = 0;              // frames that are not padding
  int64_t longest = 0;
  std::vector<int64_t> offsets;  // [clips + 1]
  at::Tensor index;              // [total] int64, CPU: clip · frames + frame of each row
  at::Tensor clip, position;     // [total] int64, CPU: clip, and frame in it, of each row

  int64_t length(size_t i) const { return offsets[i + 1] - offsets[i]; }
};

/// lengths [batch] int64 on the CPU, each 1 … frames.
ClipRows clip_rows(const at::Tensor& lengths, int64_t frames);

/// [batch, frames, dim] → [total, dim], on x's device.
at::Tensor packed(const ClipRows& rows, const at::Tensor& x);
/// The way back: [total, dim] → [batch, frames, dim], zero beyond a clip's end.
at::Tensor unpacked(const ClipRows& rows, const at::Tensor& x);

}  // namespace kuchi::models
