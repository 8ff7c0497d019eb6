#include "report/study_tables.h"

#include <map>
#include <sstream>

#include "../caught.h"
#include "catch.h"
#include "invented_study.h"
#include "report/study_rows.h"

namespace kuchi::report {
namespace {

/// Two heads, two fractions; the last setting's one trial failed.
const StudyJson& heads_study() {
  static const StudyJson json = StudyJson::parse(R"({
    "name": "heads", "about": "Which head?", "search": "grid", "metric": "mse", "better": "lower",
    "factors": [{"key": "model.head", "values": ["bilstm", "lstm"]},
                {"key": "data.fraction", "values": [0.1, 1]}],
    "seeds": [0], "folds": [], "evidence": "within these clips only", "baseline": 1, "best": 1,
    "trials": [
      {"id": "a1", "setting": 0, "overrides": {"model.head": "bilstm", "data.fraction": 0.1},
       "seed": 0, "fold": null, "rung": 0, "status": "done", "reason": "", "run": "trials/a1",
       "seconds": 12.5, "metrics": {"mse": {"value": 0.02, "low": 0.01, "high": 0.03}}},
      {"id": "a2", "setting": 1, "overrides": {"model.head": "bilstm", "data.fraction": 1},
       "seed": 0, "fold": null, "rung": 0, "status": "done", "reason": "", "run": "trials/a2",
       "seconds": 13.5, "metrics": {"mse": {"value": 0.01, "low": null, "high": null},
                                    "r2": {"value": 0.1, "low": null, "high": null}}},
      {"id": "a3", "setting": 2, "overrides": {"model.head": "lstm", "data.fraction": 0.1},
       "seed": 0, "fold": null, "rung": 0, "status": "done", "reason": "", "run": "trials/a3",
       "metrics": {"mse": {"value": 0.03, "low": 0.02, "high": 0.04}}},
      {"id": "a4", "setting": 3, "overrides": {"model.head": "lstm", "data.fraction": 1},
       "seed": 0, "fold": null, "rung": 0, "status": "failed", "reason": "NaN, at step 7",
       "run": "trials/a4", "metrics": {}}],
    "settings": [
      {"name": "bilstm 0.1", "overrides": {"model.head": "bilstm", "data.fraction": 0.1}, "rung": 0,
       "trials": 1, "done": 1, "failed": 0,
       "metrics": {"mse": {"value": 0.02, "low": 0.01, "high": 0.03}}},
      {"name": "bilstm 1", "overrides": {"model.head": "bilstm", "data.fraction": 1}, "rung": 0,
       "trials": 1, "done": 1, "failed": 0,
       "metrics": {"mse": {"value": 0.01, "low": null, "high": null}}},
      {"name": "lstm 0.1", "overrides": {"model.head": "lstm", "data.fraction": 0.1}, "rung": 0,
       "trials": 1, "done": 1, "failed": 0,
       "metrics": {"mse": {"value": 0.03, "low": 0.02, "high": 0.04}}},
      {"name": "lstm 1", "overrides": {"model.head": "lstm", "data.fraction": 1}, "rung": 0,
       "trials": 1, "done": 0, "failed": 1,
       "metrics": {"mse": {"value": null, "low": null, "high": null}}}],
    "comparisons": [
      {"a": "lstm 0.1", "b": "bilstm 1", "metric": "mse", "ratio": 3, "low": 2.5, "high": 3.5,
       "p": 0.01, "p_corrected": 0.02, "smallest_p": 0.001, "seeds": 1, "units": 12,
       "unit": "block", "verdict": "worse", "need": null, "says": "lstm 0.1 is worse"}],
    "learning_curves": null})");
  return json;
}

std::string printed(const StudyJson& json) {
  std::ostringstream out;
  print_study(out, json);
  return out.str();
}

/// Fields of CSV by RFC 4180, read by its grammar.
std::vector<std::vector<std::string>> csv_rows(const std::string& text) {
  std::vector<std::vector<std::string>> rows = {{""}};
  bool quoted = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted && c == '"' && i + 1 < text.size() && text[i + 1] == '"') {
      rows.back().back() += text[++i];
    } else if (c == '"') {
      quoted = !quoted;
    } else if (quoted || (c != ',' && c != '\n')) {
      rows.back().back() += c;
    } else if (c == ',') {
      rows.back().push_back("");
    } else if (i + 1 < text.size()) {
      rows.push_back({""});
    }
  }
  CHECK_FALSE(quoted);
  return rows;
}

constexpr const char* kHostile =
    "<script>alert(1)</script>, \"q\" 'a' | *b* _c_ `d` [e](f) \\ ^ ~ # $ % & {g}\n-- "
    "line\r2\t\x1b[31m";

}  // namespace

TEST_CASE("study: the settings' table on a terminal", "[report]") {
  const auto text = printed(heads_study());
  CHECK(text.find("heads\n"
                  "Which head?\n"
                  "4 settings, 4 trials: 3 done, 1 failed; mse, better lower.\n"
                  "baseline: bilstm 1, mse 0.01.\n"
                  "best: bilstm 1, mse 0.01, the baseline itself.\n"
                  "\n"
                  "model.head  data.fraction  trials  failed   mse         95 %   ratio           "
                  "95 %     p  corrected  verdict\n") == 0);
  CHECK(text.find("bilstm      0.1                 1          0.02  0.01 – 0.03  ×2.000\n") !=
        std::string::npos);
  CHECK(text.find("bilstm      1                   1          0.01                       "
                  "                                baseline\n") != std::string::npos);
  CHECK(text.find("lstm        0.1                 1          0.03  0.02 – 0.04  ×3.000  2.500 – "
                  "3.500  0.01       0.02  worse\n") != std::string::npos);
  CHECK(text.find("lstm        1                   0       1     –\n") != std::string::npos);
  CHECK(text.find("\nevidence: within these clips only\n"
                  "the smallest p that 12 blocks and 1 seed can reach is 0.001\n"
                  "lstm 0.1 is worse\n") != std::string::npos);
  CHECK(text.find("NaN, at step 7\n") != std::string::npos);
}

TEST_CASE("study: the table as Markdown", "[report]") {
  CHECK(
      study_markdown(heads_study()) ==
      "# heads\n"
      "\n"
      "- Which head?\n"
      "- 4 settings, 4 trials: 3 done, 1 failed; mse, better lower.\n"
      "- baseline: bilstm 1, mse 0.01.\n"
      "- best: bilstm 1, mse 0.01, the baseline itself.\n"
      "\n"
      "| model.head | data.fraction | trials | failed | mse | 95 % | ratio | 95 % | p | "
      "corrected | verdict |\n"
      "| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | --- |\n"
      "| bilstm | 0.1 | 1 | | 0.02 | 0.01 – 0.03 | ×2.000 | | | | |\n"
      "| bilstm | 1 | 1 | | 0.01 | | | | | | baseline |\n"
      "| lstm | 0.1 | 1 | | 0.03 | 0.02 – 0.04 | ×3.000 | 2.500 – 3.500 | 0.01 | 0.02 | worse |\n"
      "| lstm | 1 | 0 | 1 | – | | | | | | |\n"
      "\n"
      "- evidence: within these clips only\n"
      "- the smallest p that 12 blocks and 1 seed can reach is 0.001\n"
      "- lstm 0.1 is worse\n"
      "\n"
      "## Main effects\n"
      "\n"
      "| factor | value | mean mse | 95 % | settings |\n"
      "| --- | --- | ---: | ---: | ---: |\n"
      "| model.head | bilstm | 0.02 | 0.01 – 0.03 | 1 |\n"
      "| | lstm | 0.03 | 0.02 – 0.04 | 1 |\n"
      "| data.fraction | 0.1 | 0.02 | 0.01 – 0.03 | 1 |\n"
      "| | 1 | 0.01 | | 1 |\n"
      "\n"
      "- model.head: each mean is over the 1 of 2 combinations of the other factors that have all "
      "values of this one\n"
      "- data.fraction: each mean is over the 1 of 2 combinations of the other factors that have "
      "all values of this one\n"
      "- means of errors are geometric\n"
      "\n"
      "## Failed trials\n"
      "\n"
      "| failed trial | setting | seed | reason |\n"
      "| --- | --- | ---: | --- |\n"
      "| a4 | lstm 1 | 0 | NaN, at step 7 |\n");
}

TEST_CASE("study: the table as LaTeX", "[report]") {
  CHECK(study_latex(heads_study()) ==
        "% heads\n"
        "% Which head?\n"
        "% 4 settings, 4 trials: 3 done, 1 failed; mse, better lower.\n"
        "% baseline: bilstm 1, mse 0.01.\n"
        "% best: bilstm 1, mse 0.01, the baseline itself.\n"
        "% evidence: within these clips only\n"
        "% the smallest p that 12 blocks and 1 seed can reach is 0.001\n"
        "% lstm 0.1 is worse\n"
        "\\begin{tabular}{llrrrrrrrrl}\n"
        "  \\hline\n"
        "  model.head & data.fraction & trials & failed & mse & 95 \\% & ratio & 95 \\% & p & "
        "corrected & verdict \\\\\n"
        "  \\hline\n"
        "  bilstm & 0.1 & 1 &  & 0.02 & 0.01 -- 0.03 & $\\times$2.000 &  &  &  &  \\\\\n"
        "  bilstm & 1 & 1 &  & 0.01 &  &  &  &  &  & baseline \\\\\n"
        "  lstm & 0.1 & 1 &  & 0.03 & 0.02 -- 0.04 & $\\times$3.000 & 2.500 -- 3.500 & 0.01 & 0.02 "
        "& worse \\\\\n"
        "  lstm & 1 & 0 & 1 & -- &  &  &  &  &  &  \\\\\n"
        "  \\hline\n"
        "\\end{tabular}\n");
}

TEST_CASE("study: a trial a row as CSV, without times and folders", "[report]") {
  const std::string expected =
      "trial,setting,model.head,data.fraction,seed,fold,rung,status,reason,mse,mse_low,mse_high,"
      "r2\n"
      "a1,0,bilstm,0.1,0,,0,done,,0.02,0.01,0.03,\n"
      "a2,1,bilstm,1,0,,0,done,,0.01,,,0.1\n"
      "a3,2,lstm,0.1,0,,0,done,,0.03,0.02,0.04,\n"
      "a4,3,lstm,1,0,,0,failed,\"NaN, at step 7\",,,,\n";
  CHECK(study_csv(heads_study()) == expected);
  auto slower = heads_study();
  for (auto& trial : slower["trials"]) trial["seconds"] = 99;
  CHECK(study_csv(slower) == expected);
}

TEST_CASE("study: hostile text comes back from CSV as it was, and acts nowhere else", "[report]") {
  const std::string evil = kHostile;
  const auto json = test::hostile_study(evil);

  const auto rows = csv_rows(study_csv(json));
  REQUIRE(rows.size() == 3);
  CHECK(rows[0] == std::vector<std::string>{"trial", "setting", evil, "seed", "fold", "rung",
                                            "status", "reason", evil, evil + "_low",
                                            evil + "_high"});
  CHECK(rows[1] == std::vector<std::string>{evil, "0", evil, "0", evil, "0", "done", evil, "0.5",
                                            "0.25", "0.75"});
  CHECK(rows[2][2] == evil + "2");

  const auto text = printed(json);
  for (const char c : text) CHECK((c == '\n' || static_cast<unsigned char>(c) >= 0x20));

  const auto markdown = study_markdown(json);
  CHECK(markdown.find('<') == std::string::npos);
  std::istringstream lines(markdown);
  size_t columns = 0;
  for (std::string line; std::getline(lines, line);) {
    if (line.rfind('|', 0) != 0) {
      columns = 0;
      continue;
    }
    size_t bars = 0;
    for (size_t i = 0; i < line.size(); ++i)
      bars += line[i] == '|' && (i == 0 || line[i - 1] != '\\');
    if (columns == 0) columns = bars;
    CHECK(bars == columns);  // no cell begins another
  }
}

TEST_CASE("study: LaTeX of hostile text has its braces in pairs and nothing that acts",
          "[report]") {
  const auto text = study_latex(test::hostile_study(kHostile));
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line[0] == '%') continue;
    INFO(line);
    int depth = 0;
    size_t columns = 1;
    for (size_t i = 0; i < line.size(); ++i) {
      const char c = line[i];
      if (c == '\\' && i + 1 < line.size() &&
          std::string("{}$&#_%\\").find(line[i + 1]) != std::string::npos) {
        ++i;  // an escaped sign, or the row's end
        continue;
      }
      depth += c == '{' ? 1 : c == '}' ? -1 : 0;
      columns += c == '&' ? 1 : 0;
      CHECK(depth >= 0);
      for (const char bare : {'%', '#', '_', '^', '~', '<', '>', '|', '"'}) CHECK(c != bare);
    }
    CHECK(depth == 0);
    const bool row = line.find("\\\\") != std::string::npos;
    if (row) CHECK(columns == 5);  // setting, trials, failed, metric, verdict
    CHECK(line.find("\\\\ [") == std::string::npos);
  }
  CHECK(text.find("\\textbackslash{} \\textasciicircum{} \\textasciitilde{} \\# \\$ \\% \\& "
                  "\\{g\\} {-}- line") != std::string::npos);
  CHECK(text.find("{[}e{]}(f)") != std::string::npos);
}

TEST_CASE("study: settings that factors do not tell apart go by their names", "[report]") {
  auto json = heads_study();
  CHECK(settings_table(read_study(json)).columns[0].name == "model.head");
  json["settings"][0]["overrides"]["train.lr"] = 0.1;
  const auto table = settings_table(read_study(json));
  CHECK(table.columns[0].name == "setting");
  CHECK(table.rows[0][0] == "bilstm 0.1");
}

TEST_CASE("study: what was drawn by lot comes best first, with its rung", "[report]") {
  auto json = heads_study();
  json["search"] = "halving";
  json["settings"][0]["rung"] = 1;
  const auto study = read_study(json);
  CHECK(settings_order(study) == std::vector<size_t>{0, 1, 2, 3});  // rung 1, then 0.01, 0.03, none
  const auto table = settings_table(study);
  CHECK(table.columns[2].name == "rung");
  CHECK(table.rows[0][2] == "1");
  json["better"] = "higher";
  CHECK(settings_order(read_study(json)) == std::vector<size_t>{0, 2, 1, 3});
}

TEST_CASE("study: a setting of another rung is not set against the baseline", "[report]") {
  auto json = heads_study();
  CHECK(*ratio_to_baseline(read_study(json), 0).value == Approx(2));
  CHECK(against_baseline(read_study(json), 2) != nullptr);
  for (const size_t i : {0, 2}) json["settings"][i]["rung"] = 1;
  CHECK_FALSE(ratio_to_baseline(read_study(json), 0).value);
  CHECK(against_baseline(read_study(json), 2) == nullptr);
}

TEST_CASE("study: where lines cross is said with what is known of it", "[report]") {
  auto json = heads_study();
  json["learning_curves"] = StudyJson::parse(R"({"factor": "data.fraction", "lines": [],
    "crossings": [{"a": "x", "b": "y", "x": 0.5, "low": 0.25, "high": null, "share": 0.925,
                   "beyond": "y"},
                  {"a": "x", "b": "z", "x": 0.5, "low": 0.25, "high": 0.75},
                  {"a": "y", "b": "z", "x": null, "low": null, "high": null, "share": 0.1}]})");
  const auto text = printed(json);
  CHECK(
      text.find("x and y cross at data.fraction 0.5 (0.25 or more), and y is better beyond; so in "
                "92.5 % of the resamples\n") != std::string::npos);
  CHECK(text.find("x and z cross at data.fraction 0.5 (0.25 – 0.75)\n") != std::string::npos);
  CHECK(text.find("y and z cross") == std::string::npos);
}

TEST_CASE("study: a summary that is none is refused with the place", "[report]") {
  const auto says = [](const char* pointer, const StudyJson& value) {
    auto json = heads_study();
    json[StudyJson::json_pointer(pointer)] = value;
    return test::caught([&] { study_csv(json); }).text;
  };
  CHECK(says("/settings/2/trials", "many")
            .find("summary.json: settings[2].trials: expected a whole number") == 0);
  CHECK(says("/trials/0/metrics/mse/value", "x")
            .find("trials[0].metrics.mse.value: expected a number") != std::string::npos);
  CHECK(says("/baseline", 4).find("baseline: 4 leads nowhere, there are 4") != std::string::npos);
  CHECK(says("/trials/1/setting", nullptr).find("trials[1]: names no setting") !=
        std::string::npos);
  CHECK(says("/comparisons", "none").find("comparisons: expected a list") != std::string::npos);
  CHECK(test::caught([] { study_markdown(StudyJson::array()); }).text.find("expected an object") !=
        std::string::npos);
}

TEST_CASE("study: an empty study prints without fuss", "[report]") {
  const auto json = StudyJson::parse(R"({"name": "none yet", "metric": "mse"})");
  CHECK(printed(json).find("0 settings, 0 trials: 0 done; mse, better lower.\n") !=
        std::string::npos);
  CHECK(study_csv(json) == "trial,setting,seed,fold,rung,status,reason\n");
  CHECK(study_latex(json).find("\\end{tabular}") != std::string::npos);
}

TEST_CASE("study: a run's folder is one within the study's trials, or none", "[report]") {
  const auto run = [](const std::string& text) {
    auto json = heads_study();
    json["trials"][0]["run"] = text;
    return read_study(json).trials[0].run;
  };
  CHECK(run("trials/a1") == "trials/a1");
  for (const char* bad :
       {"", "trials/", "trials/..", "trials/../x", "/trials/a1", "trials/a/b",
        "javascript:alert(1)", "trials/a b", "trials/a?b", "https://a.b/trials/c"}) {
    INFO(bad);
    CHECK(run(bad).empty());
  }
}

}  // namespace kuchi::report
