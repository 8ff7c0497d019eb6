#include "catch.h"
#include "eval/compare.h"
#include "eval/evaluate.h"
#include "eval/golden_clips.h"
#include "stats/permutation.h"

namespace kuchi::eval {
namespace {

/// The golden clips with the prediction moved by so much away from the target.
Suite system_of(float worse) {
  auto clips = golden::many();
  for (auto& clip : clips) {
    for (float& x : clip.prediction.data) x += worse;
  }
  auto suite = evaluate(clips, golden::curves(), std::nullopt);
  suite.model = "worse by " + std::to_string(worse);
  return suite;
}

}  // namespace

TEST_CASE("several systems: every pair as alone, p-values by Holm over all pairs", "[eval]") {
  const std::vector<Suite> systems = {system_of(0), system_of(0.001f), system_of(0.2f)};
  const auto pairs = compare_all(systems);
  REQUIRE(pairs.size() == 3);
  std::vector<double> p;
  for (const auto& pair : pairs) {
    CHECK(pair.a < pair.b);
    const auto alone = compare_mse(systems[pair.a], systems[pair.b]);
    CHECK(*pair.found.ratio.ratio == *alone.ratio.ratio);
    CHECK(*pair.found.p == *alone.p);
    p.push_back(*alone.p);
  }
  const auto corrected = stats::holm(p);
  for (size_t i = 0; i < 3; ++i) {
    CHECK(*pairs[i].p_corrected == corrected[i]);
    CHECK(*pairs[i].p_corrected >= p[i]);
  }
  CHECK(*pairs[1].p_corrected < 0.05);  // 0 against 0.2
  CHECK(compare_all(std::span(systems).first(1)).empty());
}

TEST_CASE("several systems of one block: ratios, and no p-value to correct", "[eval]") {
  const std::vector<ClipResult> one = {golden::make_clip(5, 140, 30)};
  const auto suite = evaluate(one, golden::curves(), std::nullopt);
  const std::vector<Suite> systems = {suite, suite};
  const auto pairs = compare_all(systems);
  REQUIRE(pairs.size() == 1);
  CHECK(*pairs[0].found.ratio.ratio == 1);
  CHECK(!pairs[0].found.p);
  CHECK(!pairs[0].p_corrected);
}

}  // namespace kuchi::eval
