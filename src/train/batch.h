// src/train/batch.h
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "core/matrix.h"

namespace kuchi::train {

/// Clips (or pieces of them) side by side, padded to the longest.
struct Batch {
  at::Tensor features;  // [batch, frames, dim], zero in the padding; dim 0 where audio is heard
  at::Tensor targets;   // [batch, frames, curves]
  at::Tensor valid;     // [batch, frames] bool
  at::Tensor lengths;   // [batch] int64, on the CPU always
  std::vector<at::Tensor> audio;  // [samples] of each, 16 kHz, where audio is heard
  int64_t frames = 0;             // valid ones
  int64_t pairs = 0;              // valid neighbours: frames less one a clip

  Batch to(at::Device device) const;
  /// In page-locked memory, from which a GPU takes it while others work. Needs CUDA.
  Batch pinned() const;
};

/// Features (or audio) and targets of one row.
struct Sample {
  Matrix features = {}, targets = {};
  std::vector<float> audio = {};
};

Batch collate(const std::vector<Sample>& samples);

}  // namespace kuchi::train
