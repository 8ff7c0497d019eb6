// src/models/packed_rows.h
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

namespace kuchi::models {

/// Where the frames of a padded batch lie when they are packed for a recurrent layer: a time step
/// after another, in each the clips that have it, longest clip first. No padding is computed on.
struct PackedRows {
  int64_t clips = 0, frames = 0;  // of the padded batch
  int64_t total = 0;              // frames that are not padding
  std::vector<int64_t> sizes;     // [longest] clips at each time step, never rising
  std::vector<int64_t> offsets;   // [longest + 1] first row of each time step; the last is total
  at::Tensor index;               // [total] int64, CPU: clip · frames + frame of each row
  bool same_length = false;       // all clips are equally long: every size is `clips`

  int64_t longest() const { return static_cast<int64_t>(sizes.size()); }
};

/// lengths [batch] int64 on the CPU, of one clip at least, each 1 … frames, else std::logic_error;
/// clips of one length keep their order.
PackedRows pack_rows(const at::Tensor& lengths, int64_t frames);

/// [batch, frames, dim] → [total, dim], on x's device.
at::Tensor packed(const PackedRows& rows, const at::Tensor& x);
/// The way back: [total, dim] → [batch, frames, dim], zero beyond a clip's end.
at::Tensor unpacked(const PackedRows& rows, const at::Tensor& x);

}  // namespace kuchi::models
