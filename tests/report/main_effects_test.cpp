#include "report/main_effects.h"

#include <cmath>

#include "catch.h"

namespace kuchi::report {
namespace {

/// Settings of heads x fractions with these errors, in the order (a, 1), (a, 2), (b, 1), (b, 2);
/// nothing where it is negative.
StudySummary grid(const std::vector<double>& errors) {
  StudyJson json = {{"metric", "mse"}, {"better", "lower"}};
  json["factors"] = StudyJson::parse(
      R"([{"key": "head", "values": ["a", "b"]}, {"key": "fraction", "values": [1, 2]}])");
  json["settings"] = StudyJson::array();
  for (size_t i = 0; i < errors.size(); ++i) {
    StudyJson setting = {{"name", "s"}};
    setting["overrides"] = {{"head", i < 2 ? "a" : "b"}, {"fraction", 1 + i % 2}};
    setting["metrics"]["mse"] = {{"value", nullptr}, {"low", nullptr}, {"high", nullptr}};
    if (errors[i] >= 0) {
      setting["metrics"]["mse"] = {
          {"value", errors[i]}, {"low", errors[i] / 2}, {"high", errors[i] * 2}};
    }
    json["settings"].push_back(setting);
  }
  return read_study(json);
}

}  // namespace

TEST_CASE("main effects: errors have geometric means, intervals the mean of their bounds",
          "[report]") {
  const auto effects = main_effects(grid({1, 4, 2, 8}));
  CHECK(effects.log);
  REQUIRE(effects.factors.size() == 2);
  const auto& head = effects.factors[0];
  CHECK(head.balance == Balance::whole);
  CHECK(*head.values[0].mean.value == Approx(2));  // √(1·4)
  CHECK(*head.values[1].mean.value == Approx(4));  // √(2·8)
  CHECK(*head.values[0].mean.low == Approx(1));
  CHECK(*head.values[0].mean.high == Approx(4));
  CHECK(head.values[0].settings == 2);
  CHECK(*effects.factors[1].values[1].mean.value == Approx(std::sqrt(32)));
}

TEST_CASE("main effects: a zero makes the mean a plain one, and so does better higher",
          "[report]") {
  auto study = grid({0, 4, 2, 8});
  CHECK_FALSE(main_effects(study).log);
  CHECK(*main_effects(study).factors[0].values[0].mean.value == Approx(2));
  study = grid({1, 3, 2, 8});
  study.lower_is_better = false;
  CHECK_FALSE(main_effects(study).log);
  CHECK(*main_effects(study).factors[0].values[0].mean.value == Approx(2));
}

TEST_CASE("main effects: a hole in the grid takes its combination out of both means", "[report]") {
  const auto head = main_effects(grid({1, 4, 2, -1})).factors[0];
  CHECK(head.balance == Balance::part);
  CHECK(head.complete == 1);
  CHECK(head.combinations == 2);
  CHECK(*head.values[0].mean.value == Approx(1));  // (a, 2) has no partner
  CHECK(*head.values[1].mean.value == Approx(2));
  CHECK(balance_note(head).find("1 of 2 combinations") != std::string::npos);
}

TEST_CASE("main effects: settings that share nothing are averaged as they are, and it is said",
          "[report]") {
  const auto head = main_effects(grid({1, -1, -1, 8})).factors[0];
  CHECK(head.balance == Balance::none);
  CHECK(*head.values[0].mean.value == Approx(1));
  CHECK(*head.values[1].mean.value == Approx(8));
  CHECK(balance_note(head).find("not balanced") != std::string::npos);
}

TEST_CASE("main effects: a value of which nothing is done has no mean and spoils no other",
          "[report]") {
  const auto head = main_effects(grid({1, 4, -1, -1})).factors[0];
  CHECK(head.balance == Balance::whole);
  CHECK(*head.values[0].mean.value == Approx(2));
  CHECK_FALSE(head.values[1].mean.value);
  CHECK(head.values[1].settings == 0);
  CHECK(balance_note(main_effects(grid({})).factors[0]) == "no setting has a value yet");
}

}  // namespace kuchi::report
