#include "data/batches.h"

#include <algorithm>
#include <cassert>

#include "core/random.h"

namespace kuchi::data {
namespace {

// Cuts a piece so that no segment is longer than the limit. With a drawn offset the first segment
// is shorter; a remainder follows the last whole one. Frames stay in order and none is lost.
void cut(const Piece& piece, const BatchOptions& options, Stream& draw, std::vector<Segment>& out) {
  const int64_t most = options.segment_frames;
  int64_t begin = piece.begin;
  if (most <= 0 || piece.end - begin <= most) {
    if (piece.end > begin) out.push_back({piece.clip, begin, piece.end});
    return;
  }
  if (options.random_offset) {
    const auto first = static_cast<int64_t>(draw.below(static_cast<uint64_t>(most)));
    if (first > 0) out.push_back({piece.clip, begin, begin + first});
    begin += first;
  }
  for (; begin < piece.end; begin += most) {
    out.push_back({piece.clip, begin, std::min(begin + most, piece.end)});
  }
}

template <typename T>
void shuffle(std::vector<T>& items, Stream stream) {
  std::vector<T> drawn;
  drawn.reserve(items.size());
  for (const auto i : permutation(static_cast<int64_t>(items.size()), stream)) {
    drawn.push_back(std::move(items[static_cast<size_t>(i)]));
  }
  items = std::move(drawn);
}

// A batch grows while rows · longest stays within the budget.
void cut_batches(std::span<const Segment> pool, int64_t budget,
                 std::vector<std::vector<Segment>>& out) {
  std::vector<Segment> batch;
  int64_t longest = 0;
  for (const auto& segment : pool) {
    const int64_t most = std::max(longest, segment.frames());
    if (!batch.empty() && most * (static_cast<int64_t>(batch.size()) + 1) > budget) {
      out.push_back(std::move(batch));
      batch.clear();
      longest = 0;
    }
    longest = std::max(longest, segment.frames());
    batch.push_back(segment);
  }
  if (!batch.empty()) out.push_back(std::move(batch));
}

// Segments in the order given, in pools of about pool_batches batches.
std::vector<std::vector<Segment>> pooled(std::span<const Segment> segments,
                                         const BatchOptions& options) {
  const int64_t pool_frames = options.batch_frames * std::max<int64_t>(options.pool_batches, 1);
  std::vector<std::vector<Segment>> out;
  size_t from = 0;
  while (from < segments.size()) {
    int64_t frames = 0;
    size_t to = from;
    while (to < segments.size() && (to == from || frames < pool_frames)) {
      frames += segments[to++].frames();
    }
    std::vector<Segment> pool(segments.begin() + static_cast<std::ptrdiff_t>(from),
                              segments.begin() + static_cast<std::ptrdiff_t>(to));
    // Stable, so that equal lengths keep their drawn order. Longest first: what does not fit in
    // memory shows in the first batch of a pool.
    std::stable_sort(pool.begin(), pool.end(),
                     [](const Segment& a, const Segment& b) { return a.frames() > b.frames(); });
    cut_batches(pool, options.batch_frames, out);
    from = to;
  }
  return out;
}

}  // namespace

Plan plan_batches(std::span<const Piece> pieces, const BatchOptions& options, uint64_t seed,
                  uint64_t epoch) {
  assert(options.batch_frames > 0);
  std::vector<Segment> segments;
  for (size_t i = 0; i < pieces.size(); ++i) {
    Stream draw(seed, "batches.cut", epoch, i);
    cut(pieces[i], options, draw, segments);
  }
  Plan plan;
  if (options.shuffle) {
    shuffle(segments, Stream(seed, "batches", epoch, 0));
    plan.batches = pooled(segments, options);
    shuffle(plan.batches, Stream(seed, "batches", epoch, 1));
  } else {
    cut_batches(segments, options.batch_frames, plan.batches);
  }
  int64_t padded = 0;
  for (const auto& batch : plan.batches) {
    int64_t longest = 0;
    for (const auto& segment : batch) {
      plan.frames += segment.frames();
      longest = std::max(longest, segment.frames());
    }
    padded += longest * static_cast<int64_t>(batch.size());
  }
  plan.padding_share =
      padded > 0 ? static_cast<double>(padded - plan.frames) / static_cast<double>(padded) : 0;
  return plan;
}

}  // namespace kuchi::data
