// Batches of targets for losses: no features, no data set.
#pragma once

#include <ATen/ATen.h>

#include <algorithm>
#include <vector>

#include "train/loss.h"

namespace kuchi::test {

using namespace kuchi::train;

/// A batch of targets alone; padding is where `fill` goes.
inline Batch targets(const std::vector<int64_t>& lengths, int64_t curves, double fill,
                     at::ScalarType type = at::kDouble) {
  int64_t longest = 0;
  for (const auto n : lengths) longest = std::max(longest, n);
  const auto count = static_cast<int64_t>(lengths.size());
  Batch b;
  b.targets = at::rand({count, longest, curves}, type);
  b.valid = at::zeros({count, longest}, at::kBool);
  b.lengths = at::tensor(lengths, at::kLong);
  for (int64_t i = 0; i < count; ++i) {
    const int64_t n = lengths[static_cast<size_t>(i)];
    b.valid[i].slice(0, 0, n).fill_(true);
    b.targets[i].slice(0, n).fill_(fill);
    b.frames += n;
    b.pairs += n - 1;
    b.triples += std::max<int64_t>(n - 2, 0);
  }
  b.closed = at::rand({count, longest}).lt(0.5);
  b.silent = at::rand({count, longest}).lt(0.5);
  b.closed_below = at::rand({count}) * 0.1 + 0.02;
  return b;
}

inline Batch row(const Batch& b, int64_t i) {
  Batch out;
  const int64_t n = b.lengths[i].item<int64_t>();
  out.targets = b.targets.slice(0, i, i + 1).slice(1, 0, n);
  out.valid = b.valid.slice(0, i, i + 1).slice(1, 0, n);
  out.lengths = b.lengths.slice(0, i, i + 1);
  out.frames = n;
  out.pairs = n - 1;
  out.triples = std::max<int64_t>(n - 2, 0);
  out.closed = b.closed.slice(0, i, i + 1).slice(1, 0, n);
  out.silent = b.silent.slice(0, i, i + 1).slice(1, 0, n);
  out.closed_below = b.closed_below.slice(0, i, i + 1);
  return out;
}

/// Clips that lack curves: the batch's clip i has those that present[i] says, [batch, curves].
inline Batch masked(Batch b, const at::Tensor& present) {
  b.present = present;
  for (int64_t i = 0; i < present.size(0); ++i) {
    const int64_t n = b.lengths[i].item<int64_t>();
    const int64_t lacks = present[i].logical_not().sum().item<int64_t>();
    b.absent_frames += lacks * n;
    b.absent_pairs += lacks * (n - 1);
    b.absent_triples += lacks * std::max<int64_t>(n - 2, 0);
  }
  return b;
}

inline LossContext at_fps(double fps) {
  LossContext out;
  out.fps = fps;
  return out;
}

/// One clip whose targets are zero.
inline Batch still(int64_t frames, int64_t curves = 1) {
  Batch b = targets({frames}, curves, 0);
  b.targets.zero_();
  return b;
}

inline const curves::Rig& rig() {
  static const curves::Rig kRig = curves::parse_rig(
      "name: three\ncurves: [jawOpen, mouthClose, mouthPucker]\n"
      "aperture: clamp(jawOpen - mouthClose, 0, 1)\n",
      "test");
  return kRig;
}

inline Loss make(const LossOptions& o) { return Loss(o, rig(), 30, {"test"}); }

}  // namespace kuchi::test
