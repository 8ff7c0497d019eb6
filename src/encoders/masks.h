// src/encoders/masks.h
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

#include "encoders/encoder.h"

namespace kuchi::encoders {

/// Runs of places that are hidden, as wav2vec 2.0 draws them (Baevski et al., NeurIPS 2020, 3.1;
/// transformers' _compute_mask_indices): in n places
///   runs = floor(probability · n / length + u),  u uniform in [0, 1),
/// at least `least`, at most as fit side by side, each begins anywhere it fits, no two at the same
/// place; they may overlap. So `probability` is the share hidden but for overlaps.
struct MaskOptions {
  double probability = 0;  // 0: no masks at all
  int64_t length = 10;
  int64_t least = 0;  // runs
};

/// [n] bool, true where hidden; drawn from LibTorch's CPU generator. Where n is below `length`
/// nothing is hidden.
at::Tensor draw_mask(int64_t n, const MaskOptions& options);

/// SpecAugment as wav2vec 2.0 has it, on what goes into the Transformer: masked frames become the
/// learnt embedding, masked features of a clip 0. Each clip its own.
struct Masking {
  MaskOptions time{0, 10, 2}, feature{0, 10, 0};
  bool any() const { return time.probability > 0 || feature.probability > 0; }
};
Packed masked(const Packed& projected, const at::Tensor& embedding, const Masking& masking);

}  // namespace kuchi::encoders
