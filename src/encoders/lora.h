// src/encoders/lora.h
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "encoders/encoder.h"

namespace kuchi::encoders {

/// Low-rank adapters beside frozen weights: LoRA, Hu et al., ICLR 2022.
///   y = x Wᵀ + b + (alpha / rank) · dropout(x) Aᵀ Bᵀ
struct LoraOptions {
  int64_t rank = 8;
  double alpha = 16;
  double dropout = 0;
  std::vector<std::string> targets = {"q", "v"};  // of lora_targets()
};

/// "q", "k", "v", "out" of the attention, "up", "down" of the feed-forward.
const std::vector<std::string>& lora_targets();

/// Adds them to the first `layers` layers as parameters "….lora_a" [rank, in] (Kaiming uniform) and
/// "….lora_b" [out, rank] (zero: nothing changes yet) beside each target's "….weight", drawn from
/// LibTorch's generator. Nothing else is frozen here. Linear::merged() is weight and adapter in
/// one.
void add_lora(Encoder& encoder, const LoraOptions& options, int64_t layers);

}  // namespace kuchi::encoders
