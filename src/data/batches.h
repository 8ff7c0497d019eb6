#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "data/split.h"

namespace kuchi::data {

/// Frames begin … end-1 of a clip: one row of a batch.
struct Segment {
  int64_t clip = 0;
  int64_t begin = 0, end = 0;
  int64_t frames() const { return end - begin; }
  bool operator==(const Segment&) const = default;
};

struct BatchOptions {
  int64_t batch_frames = 8000;  // budget of padded frames: rows · longest row
  int64_t segment_frames = 0;   // longer pieces are cut to this; 0: never cut
  int64_t pool_batches = 50;    // batches drawn together and sorted by length
  bool random_offset = true;    // cuts fall elsewhere every epoch
  bool shuffle = true;          // false: pieces in order, for validation
};

struct Plan {
  std::vector<std::vector<Segment>> batches;
  int64_t frames = 0;        // real ones
  double padding_share = 0;  // padded frames that are not real / padded frames
};

/// The batches of an epoch: a pure function of its arguments, whatever the threads. Pieces are
/// cut into segments, shuffled, pooled, sorted by length within a pool, cut by the budget; the
/// batches are shuffled again. Every frame is in exactly one segment. A single segment longer
/// than the budget is a batch of its own.
Plan plan_batches(std::span<const Piece> pieces, const BatchOptions& options, uint64_t seed,
                  uint64_t epoch);

}  // namespace kuchi::data
