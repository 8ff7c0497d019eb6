// src/train/deal.h
#pragma once

#include <cstdint>
#include <vector>

#include "data/batches.h"

namespace kuchi::train {

using Batches = std::vector<std::vector<data::Segment>>;

/// The share of one of `size` processes in an epoch's batches from `first` on. Each update takes
/// size × accumulation batches in the plan's order, dealt out like cards: rank, rank + size, …; so
/// that any number of processes sees the same batches in the same updates as one process that
/// accumulates as many. All get as many, which at the epoch's end may be empty ones.
Batches deal(const Batches& batches, int64_t first, int64_t accumulation, int rank, int size);

/// What a process must accumulate so that an update is of `a_step` batches as before, whatever the
/// number of processes; 0 where that cannot be.
int64_t accumulation_for(int64_t a_step, int size);

}  // namespace kuchi::train
