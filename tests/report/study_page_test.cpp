// A page with a study: what is handed to the page's program, and the page in a browser.
#include <cmath>
#include <fstream>

#include "../cli/program.h"
#include "catch.h"
#include "invented_study.h"
#include "report/main_effects.h"
#include "report/page.h"
#include "report/page_json.h"

namespace kuchi::report {
namespace {

Page study_page(const StudyJson& study) {
  Page page;
  page.title = study.at("name").get<std::string>();
  page.lead = study.at("about").get<std::string>();
  page.study = study;
  return page;
}

/// Two seconds of three curves for target, best and baseline.
void add_clip(Page& page) {
  page.rig = curves::load_rig("arkit-mouth");
  page.tracks = {"target", "best model.head=transformer data.fraction=1",
                 "baseline model.head=bilstm"};
  PageClip clip;
  clip.id = "one";
  clip.audio = test::tone(32000, 1);
  for (uint64_t k = 0; k < page.tracks.size(); ++k) {
    clip.tracks.push_back(test::waves(60, page.rig.size(), k));
  }
  page.clips.push_back(std::move(clip));
}

void check_study_in_browser(const Page& page) {
  test::TempDir dir;
  const auto file = dir / "study.html";
  std::ofstream(file, std::ios::binary) << to_html(page);
  const auto ran =
      test::python({test::source("tests/report/check_study_page.py").string(), file.string()});
  if (ran.code == -1 || ran.code == 77) {
    WARN("skipped: no Chromium or no Python here; scripts/setup.sh --test-tools");
    return;
  }
  INFO(ran.out << ran.err);
  CHECK(ran.code == 0);
}

}  // namespace

TEST_CASE("study's page: it has the study's numbers, and main effects beside them", "[report]") {
  const auto summary = test::invented_study();
  const auto study = page_json(study_page(summary)).at("study");

  CHECK(study.at("settings").size() == 24);
  CHECK(study.at("trials").size() == 72);
  CHECK(study.at("metrics") == StudyJson({"mse", "r2", "closure_f1"}));
  const auto& first = study.at("settings")[0];
  const auto& mse = summary.at("settings")[0].at("metrics").at("mse");
  CHECK(first.at("metrics").at("mse") == StudyJson({mse["value"], mse["low"], mse["high"]}));
  CHECK(first.at("values") == StudyJson({0, 0, 0}));
  CHECK(study.at("trials")[0].at("values")[0] ==
        summary.at("trials")[0].at("metrics").at("mse").at("value"));
  CHECK(study.at("trials")[1].at("values").empty());
  CHECK(study.at("trials")[1].at("reason") == "the loss is not finite at step 120 (NaN)");

  const auto effects = main_effects(read_study(summary));
  REQUIRE(study.at("factors").size() == 3);
  CHECK(study.at("factors")[0].at("values")[2].at("mean")[0] ==
        *effects.factors[0].values[2].mean.value);
  // Questions against the baseline stand with their setting; others have a plain ratio.
  const auto baseline = study.at("baseline").get<size_t>();
  CHECK(study.at("settings")[5].at("comparison").is_null());
  const auto& asked = study.at("settings")[4];  // linear, all data, no lag
  CHECK(asked.at("comparison") == 0);
  CHECK(asked.at("ratio")[1] == summary.at("comparisons")[0].at("low"));
  CHECK(study.at("settings")[0].at("ratio")[1].is_null());
  CHECK(study.at("settings")[0].at("ratio")[0].get<double>() ==
        Approx(mse["value"].get<double>() /
               summary.at("settings")[baseline]["metrics"]["mse"]["value"].get<double>()));
  CHECK(study.at("learning").at("crossings")[0].at("x") == StudyJson({0.59, 0.4, 0.8}));
}

TEST_CASE("study's page: no study, no part of it", "[report]") {
  CHECK(page_json(Page{}).at("study").is_null());
}

TEST_CASE("study's page: folders of the maker's machine stay out", "[report]") {
  auto summary = test::invented_study();
  summary["trials"][0]["run"] = "/home/someone/secret/run";
  summary["trials"][2]["run"] = "trials/../../secret";
  const auto html = to_html(study_page(summary));
  CHECK(html.find("secret") == std::string::npos);
  CHECK(html.find("trials/t1003") != std::string::npos);
}

TEST_CASE("study's page: 2000 trials stay under a megabyte", "[report]") {
  test::InventedStudy options;
  options.fractions = 25;
  options.seeds = 10;
  const auto html = to_html(study_page(test::invented_study(options)));
  CHECK(html.size() < 1000000);
}

TEST_CASE("study's page: a study of 24 settings in a browser", "[report][slow]") {
  check_study_in_browser(study_page(test::invented_study()));
}

TEST_CASE("study's page: metrics that differ in the last bit alone, in a browser",
          "[report][slow]") {
  const double low = 0.005, high = std::nextafter(low, 1);
  auto summary = test::invented_study();
  summary["search"] = "list";  // every value is the best one and the worst: nothing to sort or keep
  size_t count = 0;
  const auto level = [&](StudyJson& estimate) {
    if (!estimate.at("value").is_number()) return;
    for (const char* key : {"value", "low", "high"}) estimate[key] = count % 2 ? high : low;
    ++count;
  };
  for (auto& setting : summary["settings"]) level(setting["metrics"]["mse"]);
  for (auto& trial : summary["trials"]) {
    if (trial["metrics"].contains("mse")) level(trial["metrics"]["mse"]);
  }
  for (auto& line : summary["learning_curves"]["lines"]) {
    for (auto& point : line["points"]) level(point);
  }
  check_study_in_browser(study_page(summary));
}

TEST_CASE("study's page: best beside baseline with their sound, in a browser", "[report][slow]") {
  auto page = study_page(test::invented_study());
  add_clip(page);
  check_study_in_browser(page);
}

TEST_CASE("study's page: names that try to be HTML, in a browser", "[report][slow]") {
  check_study_in_browser(study_page(test::hostile_study(
      "</script><script>alert(1)</script><img src=x onerror=alert(1)>\"'&%_\n")));
}

}  // namespace kuchi::report
