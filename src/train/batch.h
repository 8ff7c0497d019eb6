// src/train/batch.h
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "core/matrix.h"

namespace kuchi::train {

/// Clips (or pieces of them) side by side, padded to the longest.
struct Batch {
  at::Tensor features;  // [batch, frames, dim], zero in the padding
  at::Tensor targets;   // [batch, frames, curves]
  at::Tensor valid;     // [batch, frames] bool
  at::Tensor lengths;   // [batch] int64, on the CPU always
  int64_t frames = 0;   // valid ones
  int64_t pairs = 0;    // valid neighbours: frames less one a clip

  Batch to(at::Device device) const;
};

/// features and targets of one row.
struct Sample {
  Matrix features, targets;
};

Batch collate(const std::vector<Sample>& samples);

}  // namespace kuchi::train
