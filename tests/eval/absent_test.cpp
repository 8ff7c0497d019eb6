// Clips that have not all of the curves: what is measured of each is what is there.
#include <cmath>
#include <limits>

#include "catch.h"
#include "eval/evaluate.h"
#include "golden_clips.h"

using namespace kuchi;
using namespace kuchi::eval;

namespace {

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

/// A golden clip that lacks some curves.
ClipResult without(uint64_t id, int64_t frames, const std::vector<int64_t>& lacks) {
  auto clip = golden::make_clip(id, frames, 30);
  clip.captured.assign(golden::kCurves, true);
  for (const auto c : lacks) {
    clip.captured[static_cast<size_t>(c)] = false;
    for (int64_t t = 0; t < frames; ++t) clip.target(t, c) = kNan;
  }
  return clip;
}

const std::vector<int64_t> kOfA = {0, 3}, kOfB = {1, 5, 6};

std::vector<ClipResult> group(uint64_t first, size_t count, const std::vector<int64_t>& lacks) {
  std::vector<ClipResult> out;
  for (uint64_t i = first; i < first + count; ++i) {
    out.push_back(without(i, static_cast<int64_t>(60 + 13 * (i % 5)), lacks));
  }
  return out;
}

std::vector<ClipResult> joined(std::vector<ClipResult> a, const std::vector<ClipResult>& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

/// The same clips with one curve alone.
std::vector<ClipResult> only(const std::vector<ClipResult>& clips, int64_t curve) {
  std::vector<ClipResult> out;
  for (const auto& clip : clips) {
    if (!clip.has(curve)) continue;
    ClipResult one;
    one.id = clip.id;
    one.fps = clip.fps;
    one.target = Matrix(clip.target.rows, 1);
    one.prediction = Matrix(clip.target.rows, 1);
    for (int64_t t = 0; t < clip.target.rows; ++t) {
      one.target(t, 0) = clip.target(t, curve);
      one.prediction(t, 0) = clip.prediction(t, curve);
    }
    out.push_back(std::move(one));
  }
  return out;
}

}  // namespace

TEST_CASE("absent curves: a curve's numbers are those over the clips that have it", "[eval]") {
  const auto clips = joined(group(300, 12, kOfA), group(400, 14, kOfB));
  const auto infos = golden::curves();
  const auto reference = golden::training_reference();
  Options options;
  options.resamples = 200;
  const auto suite = evaluate(clips, infos, reference, options);
  REQUIRE(suite.per_curve.size() == golden::kCurves);
  double squared = 0, count = 0;
  for (int64_t c = 0; c < golden::kCurves; ++c) {
    const auto i = static_cast<size_t>(c);
    INFO(c);
    const auto own = only(clips, c);
    const auto alone =
        evaluate(own, {infos[i]}, Reference{{reference.mean[i]}, {reference.variance[i]}}, options);
    for (const auto& [name, estimate] : alone.per_curve[0].second.items()) {
      INFO(name);
      const auto* in_all = suite.per_curve[i].second.find(name);
      REQUIRE(in_all != nullptr);
      REQUIRE(in_all->value.has_value() == estimate.value.has_value());
      if (!estimate.value) continue;
      CHECK(*in_all->value == Approx(*estimate.value).epsilon(1e-9));
      REQUIRE(in_all->low.has_value());
      CHECK(std::isfinite(*in_all->low));
      CHECK(*in_all->low <= *in_all->value);
      CHECK(*in_all->high >= *in_all->value);
    }
    for (const auto& clip : own) {
      for (int64_t t = 0; t < clip.target.rows; ++t) {
        const double e = double{clip.prediction(t, 0)} - clip.target(t, 0);
        squared += e * e;
        count += 1;
      }
    }
  }
  CHECK(*suite.metrics.value("mse") == Approx(squared / count).epsilon(1e-12));
  double units = 0;
  for (const auto n : suite.units.count) units += static_cast<double>(n);
  CHECK(units == count);
  using Few = std::vector<std::pair<std::string, int64_t>>;
  CHECK(suite.clips_of_curve ==
        Few{{"curve0", 14}, {"curve1", 12}, {"curve3", 14}, {"curve5", 12}, {"curve6", 12}});
  CHECK(suite.evidence.find("5 of the 8 curves are not in every clip") != std::string::npos);
  const auto json = to_json(suite);
  CHECK(json.at("clips_of_curve").at("curve3") == 14);
  CHECK(suite_from_json(json, "test").clips_of_curve == suite.clips_of_curve);
}

TEST_CASE("absent curves: a clip's numbers are over the curves that it has", "[eval]") {
  const auto clips = joined(group(300, 3, kOfA), group(400, 3, kOfB));
  const auto suite = evaluate(clips, golden::curves(), golden::training_reference());
  for (size_t i = 0; i < clips.size(); ++i) {
    double squared = 0, count = 0;
    for (int64_t c = 0; c < golden::kCurves; ++c) {
      if (!clips[i].has(c)) continue;
      for (int64_t t = 0; t < clips[i].target.rows; ++t) {
        const double e = double{clips[i].prediction(t, c)} - clips[i].target(t, c);
        squared += e * e;
        count += 1;
      }
    }
    CHECK(*suite.per_clip[i].second.value("mse") == Approx(squared / count).epsilon(1e-12));
    CHECK(suite.per_clip[i].second.value("r2").has_value());
    CHECK(suite.per_clip[i].second.value("pcc").has_value());
  }
}

TEST_CASE("absent curves: where all are there nothing is otherwise, to the bit", "[eval]") {
  auto marked = golden::many();
  for (auto& clip : marked) clip.captured.assign(golden::kCurves, true);
  const auto a = evaluate(golden::many(), golden::curves(), golden::training_reference());
  const auto b = evaluate(marked, golden::curves(), golden::training_reference());
  CHECK(to_json(a).dump() == to_json(b).dump());
  CHECK_FALSE(to_json(a).contains("clips_of_curve"));
}

TEST_CASE("absent curves: a curve of no clip, and statistics of training curves", "[eval]") {
  const auto suite = evaluate(group(300, 4, kOfA), golden::curves(), std::nullopt);
  for (const auto& [name, estimate] : suite.per_curve[0].second.items()) {
    INFO(name);
    CHECK_FALSE(estimate.value.has_value());
  }
  CHECK(std::isfinite(*suite.metrics.value("r2")));
  ReferenceBuilder masked, plain;
  const auto a = without(300, 50, {0}), b = without(301, 70, {});
  masked.add(a.target, a.captured);
  masked.add(b.target);
  plain.add(b.target);
  const auto both = masked.finish();
  CHECK(both.mean[0] == plain.finish().mean[0]);
  CHECK(both.variance[0] == plain.finish().variance[0]);
  CHECK(both.mean[1] != plain.finish().mean[1]);
  CHECK(both.frames == std::vector<int64_t>{70, 120, 120, 120, 120, 120, 120, 120});
}
