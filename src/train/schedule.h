// src/train/schedule.h
#pragma once

#include <cstdint>

#include "train/options.h"

namespace kuchi::train {

/// Learning rate of update `step` (from 0) of `total`: a pure function, so resuming needs no
/// state. Rises in a line over the first `warmup` share to lr, then
///   constant      stays
///   linear        falls in a line to final_lr · lr at the last step
///   cosine        follows half a cosine there (Loshchilov & Hutter 2017)
///   one_cycle     likewise, and rises along half a cosine, from lr / 25 (Smith & Topin 2018)
///   inverse_sqrt  lr · sqrt(warm-up steps / step), steps counted from 1 (Vaswani et al. 2017)
///   plateau       stays: times Plateau::scale, which is state
double learning_rate(const Options& options, int64_t step, int64_t total);

/// What train.schedule=plateau remembers between epochs.
struct Plateau {
  double scale = 1;    // on the rate
  int64_t epochs = 0;  // since validation was better, or since the rate fell
};

/// After an epoch's validation: plateau_patience epochs without a better one, and the rate falls by
/// plateau_factor, to final_lr · lr at the least.
void watch(Plateau& plateau, const Options& options, bool better);

}  // namespace kuchi::train
