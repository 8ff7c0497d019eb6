#include <nlohmann/json.hpp>

#include "catch.h"
#include "core/error.h"
#include "eval/compare.h"
#include "eval/evaluate.h"
#include "eval/golden_clips.h"

namespace kuchi::eval {
namespace {

Suite measured(uint64_t model = 0) {
  auto clips = golden::many();
  for (auto& clip : clips) {
    for (float& p : clip.prediction.data) p += 0.05f * static_cast<float>(model);
  }
  Suite suite = evaluate(clips, golden::curves(), golden::training_reference());
  suite.model = "bilstm";
  suite.store = "store.h5";
  suite.split = "test";
  return suite;
}

}  // namespace

TEST_CASE("the metrics file has the keys of the command line's contract", "[eval]") {
  const auto json = to_json(measured());
  CHECK(json["model"] == "bilstm");
  CHECK(json["store"] == "store.h5");
  CHECK(json["split"] == "test");
  CHECK(json["clips"] == 24);
  CHECK(json["frames"].is_number_integer());
  CHECK(json["curves"] == 8);
  CHECK(json["fps"] == 30);
  for (const char* end : {"value", "low", "high"}) {
    CHECK(json["metrics"]["mse"][end].is_number());
    CHECK(json["metrics"]["r2"][end].is_number());
    CHECK(json["per_curve"]["curve0"]["mse"][end].is_number());
  }
  CHECK(json["per_clip"]["clip200"]["mse"]["value"].is_number());
  CHECK(json["per_curve"]["curve2"]["pcc"]["value"].is_null());
  CHECK(json["per_curve"].size() == 8);
  CHECK(json["per_clip"].size() == 24);
}

TEST_CASE("a metrics file reads back as it was, curves in the rig's order", "[eval]") {
  const std::string text = to_json(measured()).dump();
  const auto back = suite_from_json(nlohmann::ordered_json::parse(text), "metrics.json");
  CHECK(to_json(back).dump() == text);
  CHECK(back.per_curve.back().first == "curve7");
}

TEST_CASE("a file of another kind is refused by name", "[eval]") {
  for (const char* text : {"{}", "[]", "3", R"({"metrics": 1})", R"({"metrics": {"mse": 2}})",
                           R"({"metrics": {}, "clips": "two"})", R"({"metrics": {}, "units": 1})",
                           R"({"metrics": {"mse": {"value": "x"}}})"}) {
    INFO(text);
    try {
      suite_from_json(nlohmann::ordered_json::parse(text), "m.json");
      FAIL("was read");
    } catch (const UserError& e) {
      CHECK(e.code() == Exit::data);
      CHECK(std::string(e.what()).find("m.json: not a metrics file") == 0);
    }
  }
}

TEST_CASE("two systems over the same clips: ratio of their mse, interval and p", "[eval]") {
  const Suite a = measured(0), b = measured(4);
  const auto comparison = compare_mse(a, b);
  CHECK(*comparison.ratio.ratio ==
        Approx(*a.metrics.value("mse") / *b.metrics.value("mse")).epsilon(1e-12));
  CHECK(*comparison.ratio.low < *comparison.ratio.ratio);
  CHECK(*comparison.ratio.ratio < *comparison.ratio.high);
  CHECK(*comparison.ratio.high < 1);
  CHECK(*comparison.p < 0.001);
  CHECK(*compare_mse(a, a).ratio.ratio == 1);
  CHECK(*compare_mse(a, a).p == 1);
}

TEST_CASE("systems over different clips are not compared", "[eval]") {
  const Suite few = evaluate(golden::few(), golden::curves(), std::nullopt);
  CHECK_THROWS_AS(compare_mse(measured(), few), UserError);
}

}  // namespace kuchi::eval
