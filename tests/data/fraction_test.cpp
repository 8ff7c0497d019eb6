#include "data/fraction.h"

#include "catch.h"
#include "core/text.h"

using namespace kuchi;
using namespace kuchi::data;

namespace {

/// Clips of unlike length, each with some of the training part and some held out.
std::vector<Piece> clips_in_parts(int64_t count) {
  std::vector<Piece> out;
  for (int64_t i = 0; i < count; ++i) {
    out.push_back({i, Split::train, 0, 50 + 7 * i});
    if (i % 2 == 0) out.push_back({i, Split::valid, 80 + 7 * i, 100 + 7 * i});
    if (i % 3 == 0) out.push_back({i, Split::test, 110 + 7 * i, 140 + 7 * i});
  }
  return out;
}

int64_t training_frames(const std::vector<Piece>& pieces) {
  int64_t frames = 0;
  for (const auto& p : pieces_of(pieces, Split::train)) frames += p.end - p.begin;
  return frames;
}

bool same_piece(const Piece& a, const Piece& b) {
  return a.clip == b.clip && a.split == b.split && a.begin == b.begin && a.end == b.end;
}

bool same_pieces(const std::vector<Piece>& a, const std::vector<Piece>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), same_piece);
}

/// Whether every piece of one lies in a piece of the other.
bool holds(const std::vector<Piece>& more, const std::vector<Piece>& less) {
  return std::all_of(less.begin(), less.end(), [&](const Piece& a) {
    return std::any_of(more.begin(), more.end(), [&](const Piece& b) {
      return a.clip == b.clip && a.split == b.split && b.begin <= a.begin && a.end <= b.end;
    });
  });
}

}  // namespace

TEST_CASE("fraction: the share of frames, to the frame, and what is held out stays", "[data]") {
  const auto all = clips_in_parts(13);
  const auto frames = training_frames(all);
  for (const double fraction : {0.001, 0.03, 0.1, 0.25, 0.5, 0.77, 0.999}) {
    INFO(fraction);
    const auto some = keep_fraction(all, fraction, 5);
    CHECK(training_frames(some) == std::llround(fraction * static_cast<double>(frames)));
    CHECK(same_pieces(pieces_of(some, Split::valid), pieces_of(all, Split::valid)));
    CHECK(same_pieces(pieces_of(some, Split::test), pieces_of(all, Split::test)));
    for (size_t i = 1; i < some.size(); ++i) {
      const bool in_order = some[i - 1].clip < some[i].clip ||
                            (some[i - 1].clip == some[i].clip && some[i - 1].end <= some[i].begin);
      CHECK(in_order);
    }
    for (const auto& p : some) CHECK(p.end > p.begin);
  }
  CHECK(same_pieces(keep_fraction(all, 1, 5), all));
  CHECK(training_frames(keep_fraction(all, 1e-9, 5)) == 1);  // never nothing to train on
}

TEST_CASE("fraction: a larger one holds a smaller one of the same seed", "[data]") {
  const auto all = clips_in_parts(13);
  for (uint64_t seed = 0; seed < 20; ++seed) {
    std::vector<Piece> last;
    for (const double fraction : {0.01, 0.05, 0.1, 0.2, 0.3, 0.5, 0.8, 1.0}) {
      const auto some = keep_fraction(all, fraction, seed);
      CHECK(holds(some, last));
      last = some;
    }
  }
}

TEST_CASE("fraction: whole pieces but for one, in an order that the seed draws", "[data]") {
  const auto all = clips_in_parts(13);
  std::vector<int64_t> drawn_first(13, 0);
  for (uint64_t seed = 0; seed < 200; ++seed) {
    const auto some = pieces_of(keep_fraction(all, 0.3, seed), Split::train);
    int64_t cut = 0;
    for (const auto& p : some) {
      CHECK(p.begin == 0);  // cut at the end alone
      cut += p.end < 50 + 7 * p.clip ? 1 : 0;
    }
    CHECK(cut <= 1);
    ++drawn_first[static_cast<size_t>(
        pieces_of(keep_fraction(all, 1e-9, seed), Split::train)[0].clip)];
  }
  // 200 draws of 13: each some 15 times, and none left out or preferred.
  for (const auto times : drawn_first) {
    CHECK(times >= 2);
    CHECK(times <= 40);
  }
  CHECK(same_pieces(keep_fraction(all, 0.3, 7), keep_fraction(all, 0.3, 7)));
}

TEST_CASE("fraction: nothing to train on stays so", "[data]") {
  const std::vector<Piece> held = {{0, Split::valid, 0, 10}, {1, Split::test, 0, 10}};
  CHECK(same_pieces(keep_fraction(held, 0.5, 0), held));
}
