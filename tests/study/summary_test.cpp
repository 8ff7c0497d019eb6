// Trials made up, each with the metrics that a training would have left.
#include <cmath>

#include "catch.h"
#include "core/random.h"
#include "studies.h"

using namespace kuchi;
using namespace kuchi::study;
using namespace kuchi::test;
using Json = nlohmann::ordered_json;

namespace {

/// Marks every trial as done, with errors[unit] = scale(setting) x what unit u has x a little luck.
void finish(const Planned& planned, const fs::path& dir, int64_t clips,
            const std::function<double(const Setting&)>& scale) {
  Ledger ledger(dir);
  for (const auto& trial : planned.trials) {
    const auto& setting = planned.settings[trial.setting];
    const uint64_t fold = trial.fold ? *trial.fold : 0;
    write_metrics(
        dir, trial.id, clips,
        [&](int64_t u) {
          Stream unit(7, "unit", static_cast<uint64_t>(u), fold);
          Stream luck(8, "luck", static_cast<uint64_t>(u),
                      trial.setting * 1000 + static_cast<uint64_t>(trial.seed) + 100 * fold);
          return scale(setting) * (1 + unit.uniform()) * (1 + 0.02 * luck.normal());
        },
        cat("f", fold, "-"));
    ledger.record(trial.id, {State::Kind::done, "", 0, 1.5});
  }
}

double by_head(const Setting& setting) {
  for (const auto& c : setting.choice) {
    if (c.key == "head" && c.value.scalar == "b") return 8;
  }
  return 10;
}

}  // namespace

TEST_CASE("summary: a setting that errs a fifth less is found better, with its interval",
          "[study]") {
  const StudyFolder folder;
  const auto study =
      folder.study("base: x\nfactors: {head: [a, b]}\nseeds: 3\ncompare: {baseline: {head: a}}\n");
  const auto planned = plan(study, invented_experiments(), folder.path);
  finish(planned, folder.path, 30, by_head);
  const auto json = summarise(planned, folder.path);
  CHECK(json["baseline"] == 0);
  CHECK(json["best"] == 1);
  CHECK(json["evidence"] == "");
  REQUIRE(json["trials"].size() == 6);
  CHECK(json["trials"][0]["overrides"]["head"] == "a");
  CHECK(json["trials"][0]["status"] == "done");
  CHECK(json["settings"][0]["done"] == 3);
  REQUIRE(json["comparisons"].size() == 1);
  const auto& c = json["comparisons"][0];
  CHECK(c["a"] == "head=b");
  CHECK(c["verdict"] == "better");
  CHECK(c["ratio"].get<double>() == Approx(0.8).epsilon(0.02));
  CHECK(c["low"].get<double>() < c["ratio"].get<double>());
  CHECK(c["high"].get<double>() < 0.9);
  CHECK(c["units"] == 30);
  CHECK(c["unit"] == "clip");
  CHECK(c["p_corrected"].get<double>() < 0.05);
  CHECK(c["says"].get<std::string>().find("20 % less") != std::string::npos);
  // The metric is the errors' sum over the counts', over the seeds.
  const auto& mse = json["settings"][0]["metrics"]["mse"];
  CHECK(mse["value"].get<double>() == Approx(0.015).epsilon(0.1));
  CHECK(mse["low"].get<double>() < mse["value"].get<double>());
}

TEST_CASE("summary: what is alike is not enough evidence, and what would be is said", "[study]") {
  const StudyFolder folder;
  const auto study =
      folder.study("base: x\nfactors: {head: [a, c]}\nseeds: 2\ncompare: {baseline: {head: a}}\n");
  const auto planned = plan(study, invented_experiments(), folder.path);
  finish(planned, folder.path, 25, [](const Setting&) { return 10.0; });
  const auto json = summarise(planned, folder.path);
  const auto& c = json["comparisons"][0];
  CHECK(c["verdict"] == "not enough evidence");
  CHECK(c["p"].get<double>() > 0.05);
  CHECK_FALSE(c["need"].is_null());
  CHECK(c["says"].get<std::string>().find("not enough evidence") != std::string::npos);
}

TEST_CASE("summary: folds are put together, and under 20 clips it says what that is worth",
          "[study]") {
  const StudyFolder folder;
  const auto study = folder.study(
      "base: x\nfactors: {head: [a, b]}\ncross_validation: clip\n"
      "compare: {baseline: {head: a}}\n");
  const auto planned = plan(study, invented_experiments(), folder.path);
  REQUIRE(planned.folds.size() == 4);
  finish(planned, folder.path, 3, by_head);
  const auto json = summarise(planned, folder.path);
  CHECK(json["comparisons"][0]["units"] == 12);
  CHECK(json["comparisons"][0]["unit"] == "block");
  CHECK(json["evidence"].get<std::string>().find("within these clips only") != std::string::npos);
  CHECK(json["evidence"].get<std::string>().find("One seed") != std::string::npos);
  CHECK(json["trials"][1]["fold"] == "a2");
}

TEST_CASE("summary: a question is put over all settings that agree in the rest", "[study]") {
  const StudyFolder folder;
  const auto study = folder.study(R"(
base: x
factors: {head: [a, b], width: [1, 2]}
compare:
  questions:
    - {a: {head: b}, b: {head: a}}
    - {a: {width: 2}, b: {width: 1}}
)");
  const auto planned = plan(study, invented_experiments(), folder.path);
  finish(planned, folder.path, 30, by_head);
  const auto json = summarise(planned, folder.path);
  REQUIRE(json["comparisons"].size() == 2);
  CHECK(json["comparisons"][0]["ratio"].get<double>() == Approx(0.8).epsilon(0.02));
  CHECK(json["comparisons"][0]["verdict"] == "better");
  CHECK(json["comparisons"][1]["verdict"] == "not enough evidence");
  CHECK(json["comparisons"][1]["ratio"].get<double>() == Approx(1).epsilon(0.02));
  // Holm: the smaller p counts twice.
  const auto& first = json["comparisons"][0];
  CHECK(first["p_corrected"].get<double>() == Approx(2 * first["p"].get<double>()));
}

TEST_CASE("summary: where two learning curves cross", "[study]") {
  const StudyFolder folder;
  const auto study =
      folder.study("base: x\nfactors: {head: [a, b], data.fraction: [0.1, 0.4, 1]}\nseeds: 2\n");
  const auto planned = plan(study, invented_experiments(), folder.path);
  // a falls as x^-0.2, b as x^-0.6 from higher up: they meet at x = 0.2.
  finish(planned, folder.path, 30, [](const Setting& s) {
    const double x = s.choice[1].value.number();
    return s.choice[0].value.scalar == "a" ? 10 * std::pow(x / 0.2, -0.2)
                                           : 10 * std::pow(x / 0.2, -0.6);
  });
  const auto curves = summarise(planned, folder.path)["learning_curves"];
  CHECK(curves["factor"] == "data.fraction");
  REQUIRE(curves["lines"].size() == 2);
  CHECK(curves["lines"][0]["points"].size() == 3);
  REQUIRE(curves["crossings"].size() == 1);
  CHECK(curves["crossings"][0]["x"].get<double>() == Approx(0.2).epsilon(0.1));
  CHECK(curves["crossings"][0]["beyond"] == "head=b");
}

TEST_CASE("summary: a failed trial is a row with its reason, the rest count", "[study]") {
  const StudyFolder folder;
  const auto study =
      folder.study("base: x\nfactors: {head: [a, b]}\nseeds: 2\ncompare: {baseline: {head: a}}\n");
  const auto planned = plan(study, invented_experiments(), folder.path);
  finish(planned, folder.path, 20, by_head);
  {
    Ledger ledger(folder.path);
    ledger.record(planned.trials[1].id, {State::Kind::failed, "loss is not finite", 4, 1});
  }
  const auto json = summarise(planned, folder.path);
  CHECK(json["trials"][1]["status"] == "failed");
  CHECK(json["trials"][1]["reason"] == "loss is not finite");
  CHECK(json["trials"][1]["metrics"].empty());
  CHECK(json["settings"][1]["failed"] == 1);
  CHECK(json["settings"][1]["done"] == 1);
  CHECK(json["comparisons"][0]["seeds"] == 1);
  CHECK(json["comparisons"][0]["ratio"].get<double>() == Approx(0.8).epsilon(0.02));
}

TEST_CASE("summary: a baseline or a question of no settings stops the study at once", "[study]") {
  const StudyFolder folder;
  const auto told = [&](const std::string& compare) {
    const auto study = folder.study("base: x\nfactors: {head: [a, b]}\ncompare: " + compare + "\n");
    return caught([&] { plan(study, invented_experiments(), folder.path); });
  };
  CHECK(told("{baseline: {head: z}}").has("study.yaml:3:22: no setting is the baseline head=z"));
  CHECK(told("{questions: [{a: {head: a}, b: {head: z}}]}").has("no two settings answer"));
  CHECK(told("{metric: msee}").has("did you mean \"mse\"?"));
}

TEST_CASE("summary: halving goes on with the best of what is done", "[study]") {
  const StudyFolder folder;
  const auto study = folder.study(R"(
base: x
search: halving
factors: {head: [a, b, c, d]}
halving: {budgets: [10, 20]}
compare: {baseline: {head: b}}
)");
  auto planned = plan(study, invented_experiments(), folder.path);
  CHECK(planned.settings.size() == 4);
  CHECK_FALSE(planned.complete);
  finish(planned, folder.path, 20, by_head);
  planned = plan(study, invented_experiments(), folder.path);
  REQUIRE(planned.settings.size() == 6);
  CHECK(planned.settings[4].name == "head=b train.max_steps=20");
  CHECK(planned.settings[4].rung == 1);
  finish(planned, folder.path, 20, by_head);
  planned = plan(study, invented_experiments(), folder.path);
  CHECK(planned.complete);
  const auto json = summarise(planned, folder.path);
  CHECK(json["best"] == 4);
  CHECK(json["baseline"] == 4);  // in the last rung
}
