#include "data/batches.h"

#include <algorithm>
#include <map>

#include "catch.h"
#include "core/random.h"

using namespace kuchi;
using namespace kuchi::data;

namespace {
std::vector<Piece> some_pieces(Stream& draw, int64_t count) {
  std::vector<Piece> pieces;
  for (int64_t i = 0; i < count; ++i) {
    const auto begin = static_cast<int64_t>(draw.below(100));
    pieces.push_back({i, Split::train, begin, begin + static_cast<int64_t>(draw.below(900) + 1)});
  }
  return pieces;
}

// How often each frame of each clip is used.
std::map<std::pair<int64_t, int64_t>, int> uses(const Plan& plan) {
  std::map<std::pair<int64_t, int64_t>, int> out;
  for (const auto& batch : plan.batches) {
    for (const auto& s : batch) {
      for (int64_t f = s.begin; f < s.end; ++f) ++out[{s.clip, f}];
    }
  }
  return out;
}
}  // namespace

TEST_CASE("batches: every frame once, budget kept, for any options", "[data]") {
  Stream draw(3, "test.batches");
  for (int trial = 0; trial < 60; ++trial) {
    const auto pieces = some_pieces(draw, static_cast<int64_t>(draw.below(30)));
    BatchOptions o;
    o.batch_frames = static_cast<int64_t>(draw.below(4000) + 1);
    o.segment_frames = draw.chance(0.5) ? static_cast<int64_t>(draw.below(300) + 1) : 0;
    o.pool_batches = static_cast<int64_t>(draw.below(5));
    o.random_offset = draw.chance(0.5);
    o.shuffle = draw.chance(0.7);
    const Plan plan = plan_batches(pieces, o, 1, static_cast<uint64_t>(trial));
    int64_t frames = 0, padded = 0;
    for (const auto& piece : pieces) frames += piece.end - piece.begin;
    for (const auto& batch : plan.batches) {
      REQUIRE_FALSE(batch.empty());
      int64_t longest = 0;
      for (const auto& s : batch) {
        REQUIRE(s.frames() > 0);
        if (o.segment_frames > 0) REQUIRE(s.frames() <= o.segment_frames);
        const auto& piece = pieces[static_cast<size_t>(s.clip)];
        REQUIRE((s.begin >= piece.begin && s.end <= piece.end));
        longest = std::max(longest, s.frames());
      }
      const auto size = longest * static_cast<int64_t>(batch.size());
      if (batch.size() > 1) REQUIRE(size <= o.batch_frames);
      padded += size;
    }
    const auto counted = uses(plan);
    REQUIRE(static_cast<int64_t>(counted.size()) == frames);
    REQUIRE(
        std::all_of(counted.begin(), counted.end(), [](const auto& u) { return u.second == 1; }));
    REQUIRE(plan.frames == frames);
    const double share =
        padded > 0 ? 1.0 - static_cast<double>(frames) / static_cast<double>(padded) : 0;
    REQUIRE(plan.padding_share == Approx(share).margin(1e-12));
  }
}

TEST_CASE("batches: seed and epoch alone decide", "[data]") {
  Stream draw(4, "test.batches");
  const auto pieces = some_pieces(draw, 40);
  BatchOptions o;
  o.batch_frames = 2000;
  o.segment_frames = 150;
  const auto a = plan_batches(pieces, o, 1, 0).batches;
  CHECK(a == plan_batches(pieces, o, 1, 0).batches);
  CHECK(a != plan_batches(pieces, o, 1, 1).batches);
  CHECK(a != plan_batches(pieces, o, 2, 0).batches);
}

TEST_CASE("batches: pools sorted by length pad little", "[data]") {
  Stream draw(5, "test.batches");
  const auto pieces = some_pieces(draw, 400);
  BatchOptions o;
  o.batch_frames = 6000;
  const Plan pooled = plan_batches(pieces, o, 1, 0);
  o.pool_batches = 1;
  const Plan single = plan_batches(pieces, o, 1, 0);
  CHECK(pooled.padding_share < 0.06);
  CHECK(pooled.padding_share < single.padding_share);
}

TEST_CASE("batches: unshuffled pieces keep their order", "[data]") {
  const std::vector<Piece> pieces = {
      {0, Split::valid, 0, 5}, {1, Split::valid, 3, 9}, {2, Split::valid, 0, 2}};
  BatchOptions o;
  o.batch_frames = 12;
  o.shuffle = false;
  const Plan plan = plan_batches(pieces, o, 1, 0);
  REQUIRE(plan.batches.size() == 2);
  CHECK(plan.batches[0] == std::vector<Segment>{{0, 0, 5}, {1, 3, 9}});
  CHECK(plan.batches[1] == std::vector<Segment>{{2, 0, 2}});
  CHECK(plan.padding_share == Approx(1.0 / 14));
}

TEST_CASE("batches: nothing gives nothing", "[data]") {
  const Plan plan = plan_batches({}, {}, 1, 0);
  CHECK(plan.batches.empty());
  CHECK(plan.padding_share == 0);
}
