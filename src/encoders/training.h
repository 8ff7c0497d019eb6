// src/encoders/training.h
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "encoders/layers.h"

namespace kuchi::encoders {

/// How an encoder is regularised while it learns, and what of it does not.
struct Training {
  Dropouts dropouts;  // of what learns; frozen parts run as in inference
  /// Share of layers left out, each clip batch anew: LayerDrop, Fan et al., ICLR 2020.
  double layer_drop = 0;
  /// What a layer keeps for its gradient is its input: the rest is computed again when needed
  /// (Chen et al., 2016), with the same dropout, to the same bits. (But WavLM's layers share a
  /// table, whose gradient then is summed in another order.)
  bool checkpointing = false;
  bool frozen_input = false;  // projection and positions take no gradient
  int64_t frozen_layers = 0;  // nor do the first so many layers
};

/// One layer's turn in a training: left out, recomputed or plain, as `training` says.
/// x [total, hidden], offsets as in Attention → [total, hidden]
at::Tensor train_layer(const Layer& layer, const at::Tensor& x, const std::vector<int64_t>& offsets,
                       const Training& training);

}  // namespace kuchi::encoders
