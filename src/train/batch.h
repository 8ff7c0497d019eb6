// src/train/batch.h
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "core/matrix.h"
#include "data/batches.h"
#include "edge/side_stream.h"
#include "models/told.h"

namespace kuchi::train {

/// What losses are means over; those of batches and of devices add.
struct Counts {
  int64_t frames = 0;   // valid ones
  int64_t pairs = 0;    // valid neighbours: frames less one a clip
  int64_t triples = 0;  // three in a row
  // Of frames × curves and so on, those of curves that a clip lacks: they are part of no mean.
  int64_t absent_frames = 0, absent_pairs = 0, absent_triples = 0;
  int64_t lipless_frames = 0;  // of clips that lack a curve of the aperture, where lips are marked
  Counts& operator+=(const Counts& other);
};

/// Clips (or pieces of them) side by side, padded to the longest.
struct Batch : Counts {
  at::Tensor features;      // [batch, frames, dim], zero in the padding; dim 0 where audio is heard
  at::Tensor targets;       // [batch, frames, curves]
  at::Tensor valid;         // [batch, frames] bool
  at::Tensor present;       // [batch, curves] bool: the clip has it; undefined where all have all
  at::Tensor lengths;       // [batch] int64, on the CPU always
  at::Tensor closed;        // [batch, frames] bool: the target's lips are; undefined unless marked
  at::Tensor closed_below;  // [batch] float: the aperture under which they are; as closed
  at::Tensor silent;        // [batch, frames] bool: nobody speaks; undefined unless marked
  std::vector<at::Tensor> audio;        // [samples] of each, 16 kHz, where audio is heard
  std::vector<models::Told> told;       // of each
  std::vector<data::Segment> segments;  // what the rows were made of, where a training made them

  Batch to(at::Device device) const;
  /// The same in a queue of its own, beside what the GPU is computing.
  Batch to(at::Device device, const edge::SideStream& copies) const;
  /// In page-locked memory, from which a GPU takes it while others work. Needs CUDA.
  Batch pinned() const;
};

/// Features (or audio) and targets of one row.
struct Sample {
  Matrix features = {}, targets = {};
  std::vector<float> audio = {};
  std::vector<bool> closed = {}, silent = {};  // [frames], where a loss wants them; see Marks
  double closed_below = 0;                     // aperture, with closed
  std::vector<bool> present = {};              // [curves], empty: all; targets are NaN where not
  bool lipless = false;                        // with closed: nothing says when its lips are
  models::Told told = {};                      // beside the sound
};

/// Which columns of a clip's curves are not NaN, which stands for: the clip's rig lacks them.
std::vector<bool> present_columns(const Matrix& curves);

Batch collate(const std::vector<Sample>& samples);

}  // namespace kuchi::train
