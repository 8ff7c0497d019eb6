#include "train/deal.h"

#include <algorithm>

namespace kuchi::train {

Batches deal(const Batches& batches, int64_t first, int64_t accumulation, int rank, int size) {
  const auto count = static_cast<int64_t>(batches.size());
  Batches own;
  for (int64_t at = first; at < count; at += accumulation * size) {
    const int64_t here = std::min(accumulation * size, count - at);
    const int64_t rounds = (here + size - 1) / size;
    for (int64_t i = 0; i < rounds; ++i) {
      const int64_t place = i * size + rank;
      own.push_back(place < here ? batches[static_cast<size_t>(at + place)]
                                 : std::vector<data::Segment>());
    }
  }
  return own;
}

int64_t accumulation_for(int64_t a_step, int size) {
  return a_step % size == 0 ? a_step / size : 0;
}

}  // namespace kuchi::train
