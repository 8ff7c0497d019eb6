#include "core/random.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <set>

#include "catch.h"

using kuchi::permutation;
using kuchi::Stream;

// The expected numbers come from tests/golden/make_random.py, which writes the definition in
// random.h again in Python: a machine that draws others makes other data sets and other models.
TEST_CASE("random: the first draws of a stream are the same on every machine", "[core]") {
  Stream draw(7, "augment", 3, 11);
  const std::array<uint64_t, 4> want = {0xb2bfd8c9299d52c6, 0xed8ade7d7a4920f6, 0x84ef4e0707370f0c,
                                        0xc675dc960de8f96e};
  for (const uint64_t w : want) CHECK(draw.next() == w);

  Stream again(7, "augment", 3, 11);
  CHECK(again.uniform() == 0x1.657fb192533aap-1);
  CHECK(again.uniform() == 0x1.db15bcfaf4924p-1);
  CHECK(again.uniform() == 0x1.09de9c0e0e6e1p-1);

  CHECK(Stream(0, "").next() == 0x1bb6a3d615067dc4);
  Stream bell(2, "n");
  CHECK(bell.normal() == -0x1.c30e8149d79e8p+0);
  CHECK(bell.normal() == 0x1.c47ed2cd0a8d0p-1);
  CHECK(permutation(10, Stream(1, "order")) == std::vector<int64_t>{8, 0, 9, 5, 2, 4, 3, 7, 6, 1});
}

TEST_CASE("random: uniform draws stay in their interval and fill it evenly", "[core]") {
  Stream draw(1, "test.uniform");
  constexpr int kDraws = 100000, kBins = 20;
  std::array<int, kBins> bins{};
  double sum = 0;
  for (int i = 0; i < kDraws; ++i) {
    const double u = draw.uniform();
    if (!(u >= 0 && u < 1)) FAIL(u);
    ++bins[static_cast<size_t>(u * kBins)];
    sum += u;
  }
  CHECK(sum / kDraws == Approx(0.5).margin(0.005));
  double chi2 = 0;  // 19 degrees of freedom: above 43.8 once in a thousand
  for (const int n : bins)
    chi2 += (n - kDraws / kBins) * (n - kDraws / kBins) * double(kBins) / kDraws;
  CHECK(chi2 < 43.8);
  for (int i = 0; i < 1000; ++i) {
    const double v = draw.uniform(-3, -1);
    if (!(v >= -3 && v < -1)) FAIL(v);
  }
}

TEST_CASE("random: below is without bias, also where n is no power of two", "[core]") {
  Stream draw(1, "test.below");
  CHECK(draw.below(1) == 0);
  std::array<int, 7> bins{};
  constexpr int kDraws = 70000;
  for (int i = 0; i < kDraws; ++i) ++bins.at(draw.below(7));
  double chi2 = 0;  // 6 degrees of freedom: above 22.5 once in a thousand
  for (const int n : bins) chi2 += (n - 10000.0) * (n - 10000.0) / 10000;
  CHECK(chi2 < 22.5);

  // Two thirds of the range: a plain remainder would draw the lower half twice as often.
  const uint64_t n = 0xAAAAAAAAAAAAAAAAULL;
  int low = 0;
  for (int i = 0; i < 20000; ++i) {
    const uint64_t v = draw.below(n);
    if (v >= n) FAIL(v);
    low += v < n / 2 ? 1 : 0;
  }
  CHECK(low == Approx(10000).margin(300));
}

TEST_CASE("random: normal has mean 0, variance 1 and no tail beyond 6", "[core]") {
  Stream draw(1, "test.normal");
  constexpr int kDraws = 50000;
  double sum = 0, squares = 0;
  for (int i = 0; i < kDraws; ++i) {
    const double v = draw.normal();
    if (!(std::abs(v) <= 6)) FAIL(v);
    sum += v;
    squares += v * v;
  }
  CHECK(sum / kDraws == Approx(0).margin(0.02));
  CHECK(squares / kDraws == Approx(1).margin(0.03));
}

TEST_CASE("random: a permutation has each number once, and all orders come up", "[core]") {
  auto order = permutation(1000, Stream(5, "order", 2));
  CHECK(order == permutation(1000, Stream(5, "order", 2)));
  CHECK(order != permutation(1000, Stream(5, "order", 3)));
  std::sort(order.begin(), order.end());
  for (int64_t i = 0; i < 1000; ++i) REQUIRE(order[static_cast<size_t>(i)] == i);
  CHECK(permutation(0, Stream(1, "order")).empty());
  CHECK(permutation(1, Stream(1, "order")) == std::vector<int64_t>{0});

  std::set<std::vector<int64_t>> seen;
  for (uint64_t epoch = 0; epoch < 200; ++epoch)
    seen.insert(permutation(4, Stream(1, "order", epoch)));
  CHECK(seen.size() == 24);
}

TEST_CASE("random: streams of other keys are other streams", "[core]") {
  std::set<uint64_t> first;
  int streams = 0;
  for (uint64_t seed = 0; seed < 8; ++seed) {
    for (const char* purpose : {"augment", "order", "dropout"}) {
      for (uint64_t a = 0; a < 8; ++a) {
        for (uint64_t b = 0; b < 8; ++b, ++streams)
          first.insert(Stream(seed, purpose, a, b).next());
      }
    }
  }
  CHECK(first.size() == static_cast<size_t>(streams));

  // Neighbours do not go together: the correlation of 10000 pairs is within 4/sqrt(n).
  Stream x(1, "augment", 0, 0), y(1, "augment", 0, 1);
  double sum = 0;
  for (int i = 0; i < 10000; ++i) sum += (x.uniform() - 0.5) * (y.uniform() - 0.5) * 12;
  CHECK(std::abs(sum / 10000) < 0.04);
}

TEST_CASE("random: a chance of 0 never comes, of 1 always", "[core]") {
  Stream draw(1, "test.chance");
  int hits = 0;
  for (int i = 0; i < 1000; ++i) {
    CHECK_FALSE(draw.chance(0));
    CHECK(draw.chance(1));
    hits += draw.chance(0.25) ? 1 : 0;
  }
  CHECK(hits == Approx(250).margin(60));
}
