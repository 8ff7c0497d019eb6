// src/train/schedule.h
#pragma once

#include <cstdint>

#include "train/options.h"

namespace kuchi::train {

/// Learning rate of update `step` (from 0) of `total`: a pure function, so resuming needs no
/// state. Rises in a line over the first `warmup` share, then stays or follows half a cosine
/// (Loshchilov & Hutter 2017) down to final_lr · lr at the last step.
double learning_rate(const Options& options, int64_t step, int64_t total);

}  // namespace kuchi::train
