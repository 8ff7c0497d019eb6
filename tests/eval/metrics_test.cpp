#include "eval/metrics.h"

#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>

#include "catch.h"
#include "core/error.h"
#include "eval/evaluate.h"
#include "eval/golden_clips.h"

namespace kuchi::eval {
namespace {

const nlohmann::json& golden_file() {
  static const nlohmann::json json = [] {
    std::ifstream in(KUCHI_SOURCE_DIR "/tests/golden/metrics.json");
    REQUIRE(in);
    return nlohmann::json::parse(in);
  }();
  return json;
}

// Every metric the golden file has, and none that it has not.
void check_scores(const Scores& ours, const nlohmann::json& theirs, const std::string& where) {
  for (const auto& [name, value] : theirs.items()) {
    INFO(where << " " << name);
    const Estimate* estimate = ours.find(name);
    REQUIRE(estimate);
    REQUIRE(estimate->value.has_value() == !value.is_null());
    if (!value.is_null()) {
      CHECK(*estimate->value == Approx(value.get<double>()).epsilon(1e-7).margin(1e-12));
    }
  }
  for (const auto& [name, estimate] : ours.items()) CHECK(theirs.contains(name));
}

void check_case(const Suite& suite, const nlohmann::json& golden) {
  check_scores(suite.metrics, golden["metrics"], "pooled");
  REQUIRE(suite.per_curve.size() == golden["per_curve"].size());
  for (size_t c = 0; c < suite.per_curve.size(); ++c) {
    CHECK(suite.per_curve[c].first == "curve" + std::to_string(c));
    check_scores(suite.per_curve[c].second, golden["per_curve"][c], suite.per_curve[c].first);
  }
  REQUIRE(suite.per_clip.size() == golden["per_clip"].size());
  for (const auto& [id, scores] : suite.per_clip) {
    check_scores(scores, golden["per_clip"][id], id);
  }
}

// Both ends are quantiles of draws, ours of 4000 and SciPy's of 4000: their standard error is
// 0.06 of the statistic's, or 0.015 of the interval's width; five of them are allowed.
void check_interval(const Scores& ours, const nlohmann::json& golden) {
  for (const auto& [name, ends] : golden.items()) {
    INFO(name);
    const Estimate* estimate = ours.find(name);
    REQUIRE(estimate);
    REQUIRE(estimate->low);
    REQUIRE(estimate->high);
    const double low = ends[0], high = ends[1];
    CHECK(std::abs(*estimate->low - low) < 0.075 * (high - low));
    CHECK(std::abs(*estimate->high - high) < 0.075 * (high - low));
  }
}

Options options() {
  Options o;
  o.resamples = 4000;
  return o;
}

}  // namespace

TEST_CASE("the reference is the mean and population variance of the training targets", "[eval]") {
  const auto& golden = golden_file()["reference"];
  const Reference reference = golden::training_reference();
  for (size_t c = 0; c < reference.mean.size(); ++c) {
    CHECK(reference.mean[c] == Approx(golden["mean"][c].get<double>()).epsilon(1e-12));
    CHECK(reference.variance[c] ==
          Approx(golden["variance"][c].get<double>()).epsilon(1e-9).margin(1e-20));
  }
}

TEST_CASE("few clips: metrics equal NumPy's, intervals are SciPy's over blocks", "[eval]") {
  const auto suite =
      evaluate(golden::few(), golden::curves(), golden::training_reference(), options());
  const auto& golden = golden_file()["few"];
  check_case(suite, golden);
  check_interval(suite.metrics, golden["intervals"]);
  CHECK(suite.units.kind == "block");
  CHECK(suite.evidence.find("within these clips only") != std::string::npos);
  CHECK(suite.fps == 0);  // 30 and 60
}

TEST_CASE("without a reference the target's own mean and variance serve, and it is said",
          "[eval]") {
  const auto suite = evaluate(golden::few(), golden::curves(), std::nullopt);
  check_case(suite, golden_file()["few_without_reference"]);
  CHECK(suite.baseline == "target");
  CHECK(suite.evidence.find("target's own") != std::string::npos);
}

TEST_CASE("many clips: metrics equal NumPy's, intervals are SciPy's over clips", "[eval]") {
  const auto suite =
      evaluate(golden::many(), golden::curves(), golden::training_reference(), options());
  const auto& golden = golden_file()["many"];
  check_case(suite, golden);
  check_interval(suite.metrics, golden["intervals"]);
  CHECK(suite.units.kind == "clip");
  CHECK(suite.units.clip.size() == 24);
  CHECK(suite.evidence.empty());
  CHECK(suite.fps == 30);
}

TEST_CASE("the same seed gives the same intervals, another seed others", "[eval]") {
  Options o;
  o.seed = 7;
  const auto once = evaluate(golden::many(), golden::curves(), std::nullopt, o);
  const auto twice = evaluate(golden::many(), golden::curves(), std::nullopt, o);
  o.seed = 8;
  const auto other = evaluate(golden::many(), golden::curves(), std::nullopt, o);
  CHECK(*once.metrics.find("pcc")->low == *twice.metrics.find("pcc")->low);
  CHECK(*once.metrics.find("pcc")->low != *other.metrics.find("pcc")->low);
}

TEST_CASE("one block has values but no intervals", "[eval]") {
  const std::vector<ClipResult> clips = {golden::make_clip(5, 140, 30)};
  const auto suite = evaluate(clips, golden::curves(), std::nullopt);
  for (const auto& [name, estimate] : suite.metrics.items()) {
    INFO(name);
    CHECK(estimate.value.has_value());
    CHECK(!estimate.low);
    CHECK(!estimate.high);
  }
}

TEST_CASE("a right prediction is perfect, the training mean wins nothing", "[eval]") {
  auto clip = golden::make_clip(5, 300, 30);
  const auto reference = golden::training_reference();
  clip.prediction = clip.target;
  const auto right = evaluate({{clip}}, golden::curves(), reference);
  CHECK(*right.metrics.value("mse") == 0);
  CHECK(*right.metrics.value("r2") == 1);
  CHECK(*right.metrics.value("pcc") == Approx(1));
  CHECK(*right.metrics.value("std_ratio") == Approx(1));

  for (int64_t t = 0; t < clip.target.rows; ++t) {
    for (int64_t c = 0; c < clip.target.cols; ++c) {
      clip.prediction(t, c) = static_cast<float>(reference.mean[static_cast<size_t>(c)]);
    }
  }
  const auto mean = evaluate({{clip}}, golden::curves(), reference);
  CHECK(*mean.metrics.value("r2") == Approx(0).margin(1e-6));
  CHECK(!mean.metrics.value("pcc"));  // a constant correlates with nothing
  CHECK(*mean.metrics.value("std_ratio") == 0);
}

TEST_CASE("a constant far from the first frame still counts as constant", "[eval]") {
  const Matrix zero(1, 1);
  for (int i = 1; i < 60; ++i) {  // rounding leaves some of these a variance of 1e-17 or so
    INFO(i);
    const ClipResult first{"a", 30, zero, zero, {}, {}, {}, {}, 16000};
    ClipResult clip{
        "b", 30,   Matrix(97 + i, 1), Matrix(97 + i, 1, 0.011f * static_cast<float>(i)), {}, {}, {},
        {},  16000};
    for (int64_t t = 0; t < clip.target.rows; ++t) {
      clip.target(t, 0) = static_cast<float>(t % 7) / 7;
    }
    const auto suite = evaluate({{first, clip}}, {{"x", 1, 0}}, std::nullopt);
    CHECK(!suite.per_clip[1].second.value("pcc"));
    CHECK(*suite.per_clip[1].second.value("std_ratio") == 0);
  }
}

TEST_CASE("blocks are 5 s; a rest under half a block joins the one before", "[eval]") {
  const auto blocks = [](int64_t frames, double fps) {
    auto counts =
        evaluate({{golden::make_clip(1, frames, fps)}}, golden::curves(), std::nullopt).units.count;
    for (auto& n : counts) n /= golden::kCurves;
    return counts;
  };
  using Counts = std::vector<int64_t>;
  CHECK(blocks(1, 30) == Counts{1});
  CHECK(blocks(150, 30) == Counts{150});
  CHECK(blocks(224, 30) == Counts{224});
  CHECK(blocks(225, 30) == Counts{150, 75});
  CHECK(blocks(374, 30) == Counts{150, 224});
  CHECK(blocks(733, 30) == Counts{150, 150, 150, 150, 133});
  CHECK(blocks(600, 59.94) == Counts{300, 300});
}

TEST_CASE("a NaN in a prediction makes null, not a number", "[eval]") {
  auto clip = golden::make_clip(5, 300, 30);
  clip.prediction(7, 0) = std::nanf("");
  const auto json = to_json(evaluate({{clip}}, golden::curves(), std::nullopt));
  CHECK(json["metrics"]["mse"]["value"].is_null());
  CHECK(json["per_curve"]["curve0"]["mse"]["value"].is_null());
  CHECK(json["per_curve"]["curve1"]["mse"]["value"].is_number());
}

TEST_CASE("clips that cannot be measured are refused by name", "[eval]") {
  const auto refused = [](ClipResult clip) {
    Evaluator evaluator(golden::curves(), std::nullopt);
    evaluator.add(golden::make_clip(1, 10, 30));
    try {
      evaluator.add(clip);
    } catch (const UserError& e) {
      CHECK(e.code() == Exit::data);
      return std::string(e.what());
    }
    return std::string();
  };
  auto clip = golden::make_clip(9, 10, 30);
  CHECK(refused(clip).empty());
  clip.prediction = Matrix(9, golden::kCurves);
  CHECK(refused(clip).find("clip9: the prediction is [9 frames") == 0);
  clip.target = clip.prediction = Matrix(0, golden::kCurves);
  CHECK(refused(clip).find("no frames") != std::string::npos);
  clip.target = clip.prediction = Matrix(3, 2);
  CHECK(refused(clip).find("2 curves, the rig 8") != std::string::npos);
  CHECK(refused(golden::make_clip(9, 10, 0)).find("frame rate") != std::string::npos);
  CHECK(refused(golden::make_clip(1, 10, 30)).find("two clips") != std::string::npos);
}

TEST_CASE("no clips: an empty suite", "[eval]") {
  const auto suite = evaluate({}, golden::curves(), std::nullopt);
  CHECK(suite.clips == 0);
  CHECK(suite.metrics.items().empty());
}

TEST_CASE("metric names are unique", "[eval]") {
  std::vector<std::string_view> names;
  for (const auto& m : curve_metrics()) names.push_back(m.name);
  for (const auto& m : clip_metrics()) names.push_back(m.name);
  std::sort(names.begin(), names.end());
  CHECK(std::adjacent_find(names.begin(), names.end()) == names.end());
}

}  // namespace kuchi::eval
