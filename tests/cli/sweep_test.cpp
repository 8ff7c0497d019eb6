// kuchi sweep as a user meets it: planned, run, killed, gone on with, and what it leaves.
#include <regex>
#include <set>

#include "program.h"

using namespace kuchi;
using namespace kuchi::test;

namespace {

/// A study of trainings that take a second each.
fs::path write_study(const TempDir& dir, const std::string& rest) {
  const auto file = dir / "study.yaml";
  std::ofstream(file) << "base: " << source("configs/debug/tiny.yaml").string() << R"(
overrides:
  data: {synth: {clips: 6, seconds: 2}, split: {by: clip, valid: 0.2, test: 0.4}}
  train: {max_epochs: 2, threads: 1, tensorboard: false}
)" << rest;
  return file;
}

const std::string kFour = R"(
factors:
  model.bilstm.hidden: [8, 12]
  train.lr: [1e-3, 1e-2]
compare: {baseline: {model.bilstm.hidden: 8, train.lr: 1e-3}}
)";

Json summary_of(const fs::path& dir) { return Json::parse(content(dir / "summary.json")); }

/// The ids of trainings that were begun, as often as they were.
std::vector<std::string> begun(const fs::path& dir) {
  std::vector<std::string> out;
  std::ifstream in(dir / "ledger.jsonl");
  for (std::string line; std::getline(in, line);) {
    const auto json = Json::parse(line, nullptr, false);
    if (json.is_object() && json["status"] == "started") out.push_back(json["id"]);
  }
  return out;
}

}  // namespace

TEST_CASE("sweep: a mistyped key stops it before the first trial, with its place", "[cli]") {
  const TempDir dir;
  const auto study = write_study(dir, "factors:\n  model.bilstm.hiden: [8, 12]\n");
  const auto ran = call({"sweep", study.string(), "--out", (dir / "out").string()});
  CHECK(ran.code == 2);
  CHECK(ran.err.find("study.yaml:6:3: ") != std::string::npos);
  CHECK(ran.err.find("model.bilstm.hidden") != std::string::npos);
  CHECK_FALSE(fs::exists(dir / "out" / "trials"));
  const auto bad = write_study(dir, "factors:\n  model.bilstm.hidden: [8, wide]\n");
  const auto value = call({"sweep", bad.string(), "--out", (dir / "out").string()});
  CHECK(value.code == 2);
  CHECK(value.err.find("study.yaml:6:28: ") != std::string::npos);
}

TEST_CASE("sweep: a dry run prints the trials and makes nothing", "[cli]") {
  const TempDir dir;
  const auto study = write_study(dir, kFour + "seeds: 2\n");
  const auto ran = must({"sweep", study.string(), "--out", (dir / "out").string(), "--dry-run"});
  CHECK(ran.out.find("model.bilstm.hidden=12 train.lr=1e-2") != std::string::npos);
  CHECK(ran.out.find("4 settings, 8 trials") != std::string::npos);
  CHECK_FALSE(fs::exists(dir / "out"));
}

TEST_CASE("sweep: an override must not hide a factor, a strange folder is left alone", "[cli]") {
  const TempDir dir;
  const auto study = write_study(dir, kFour);
  const auto hides =
      call({"sweep", study.string(), "--out", (dir / "out").string(), "model.bilstm.hidden=3"});
  CHECK(hides.code == 2);
  CHECK(hides.err.find("is a factor of this study") != std::string::npos);
  std::ofstream(dir / "mine.txt") << "mine";
  const auto strange = call({"sweep", study.string(), "--out", dir.path.string()});
  CHECK(strange.code == 2);
  CHECK(strange.one_sentence());
}

TEST_CASE("sweep: trains each setting, compares, and does nothing twice", "[cli][slow]") {
  const TempDir dir;
  const auto study = write_study(dir, kFour);
  const auto out = dir / "out";
  const auto ran = must({"sweep", study.string(), "--out", out.string(), "--jobs", "2"});
  CHECK(ran.out.find("model.bilstm.hidden") != std::string::npos);
  const auto json = summary_of(out);
  REQUIRE(json["trials"].size() == 4);
  for (const auto& trial : json["trials"]) {
    CHECK(trial["status"] == "done");
    CHECK(trial["metrics"]["mse"]["value"].get<double>() > 0);
    CHECK(fs::exists(out / trial["run"].get<std::string>() / "metrics.json"));
  }
  REQUIRE(json["comparisons"].size() == 3);
  for (const char* key : {"a", "b", "metric", "ratio", "low", "high", "p", "p_corrected"}) {
    CHECK(json["comparisons"][0].contains(key));
  }
  // What the summary says of a trial is what its own evaluation says.
  const auto run = out / json["trials"][3]["run"].get<std::string>();
  const auto own = must({"eval", run.string(), "--json", "-"}).json();
  CHECK(json["trials"][3]["metrics"]["mse"]["value"].get<double>() ==
        Approx(own["metrics"]["mse"]["value"].get<double>()).epsilon(1e-6));
  const auto csv = content(out / "summary.csv");
  CHECK(std::count(csv.begin(), csv.end(), '\n') == 5);
  CHECK(content(out / "summary.md").find("| ") != std::string::npos);
  CHECK(content(out / "summary.tex").find("\\begin{tabular}") != std::string::npos);
  const auto page = content(out / "report.html");
  CHECK(page.find("best: ") != std::string::npos);

  CHECK(begun(out).size() == 4);
  must({"sweep", study.string(), "--out", out.string()});
  CHECK(begun(out).size() == 4);
  CHECK(content(out / "summary.csv") == csv);
  // A study that asks for more takes over what it has.
  const auto more = write_study(dir, kFour + "seeds: 2\n");
  must({"sweep", more.string(), "--out", out.string(), "--jobs", "2"});
  CHECK(begun(out).size() == 8);
  const auto dry = must({"sweep", more.string(), "--out", out.string(), "--dry-run"});
  CHECK(dry.out.find("what is left takes some 0:00") != std::string::npos);
  must({"report", out.string(), "--out", (dir / "page.html").string()});
  CHECK(content(dir / "page.html").find("best: ") != std::string::npos);
}

TEST_CASE("sweep: killed three times on the way, the table is that of one never killed",
          "[cli][slow]") {
  const TempDir dir;
  const auto study = write_study(dir, kFour + "seeds: 2\n");
  const auto whole = dir / "whole", killed = dir / "killed";
  must({"sweep", study.string(), "--out", whole.string()});
  size_t before = 0;
  for (int i = 0; i < 3; ++i) {
    Started sweep({"sweep", study.string(), "--out", killed.string()}, {});
    // In the midst of its work: after one more training has begun.
    while (sweep.running() && begun(killed).size() < before + 2) {
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(150 * (i + 1)));
    sweep.send(SIGKILL);
    CHECK(sweep.end().code == 128 + SIGKILL);
    before = begun(killed).size();
  }
  must({"sweep", study.string(), "--out", killed.string()});
  CHECK(content(killed / "summary.csv") == content(whole / "summary.csv"));
  CHECK(content(killed / "summary.md") == content(whole / "summary.md"));
}

TEST_CASE("sweep: ^C stops the trainings, says how far it got, and it goes on", "[cli][slow]") {
  const TempDir dir;
  const auto study = write_study(dir, kFour);
  const auto out = dir / "out";
  Started sweep({"sweep", study.string(), "--out", out.string()}, {});
  while (sweep.running() && begun(out).size() < 2) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  sweep.send(SIGINT);
  const auto ran = sweep.end();
  CHECK(ran.code == 130);
  CHECK(ran.err.find("of 4 trainings; the same command goes on from here") != std::string::npos);
  must({"sweep", study.string(), "--out", out.string()});
  for (const auto& trial : summary_of(out)["trials"]) CHECK(trial["status"] == "done");
}

TEST_CASE("sweep: a trial that fails is a row with its reason, the rest go on", "[cli][slow]") {
  const TempDir dir;
  const auto study = write_study(dir, R"(
search: list
list:
  - {name: sound}
  - {name: diverges, train.lr: 1, train.weight_decay: 10, train.max_epochs: 60}
  - {name: no data, data.recipe: nowhere.yaml}
  - {name: too large, model.bilstm.hidden: 4096, model.bilstm.layers: 8}
)");
  const auto out = dir / "out";
  // Memory for the first, not for the last.
  const auto line = cat("ulimit -v 12000000; KUCHI_CACHE=", quoted(Workshop::get().cache()), " ",
                        quoted(program()), " sweep ", quoted(study), " --out ", quoted(out));
  const auto ran = shell(line);
  INFO(ran.err);
  CHECK(ran.code == 0);
  const auto json = summary_of(out);
  REQUIRE(json["trials"].size() == 4);
  CHECK(json["trials"][0]["status"] == "done");
  for (const int i : {1, 2, 3}) {
    INFO(json["trials"][i].dump());
    CHECK(json["trials"][i]["status"] == "failed");
    CHECK(json["trials"][i]["reason"].get<std::string>().size() > 10);
  }
  CHECK(json["trials"][2]["reason"].get<std::string>().find("nowhere.yaml") != std::string::npos);
  CHECK(content(out / "summary.csv").find("nowhere.yaml") != std::string::npos);
  const auto tries = begun(out).size();
  must({"sweep", study.string(), "--out", out.string()});
  CHECK(begun(out).size() == tries);  // not tried again unless asked
}

TEST_CASE("sweep: as an array job, each task a trial, then the tables", "[cli][slow]") {
  const TempDir dir;
  const auto study = write_study(dir, kFour);
  const auto out = dir / "out";
  must({"sweep", study.string(), "--out", out.string(), "--slurm", "--jobs", "3"});
  const auto script = content(out / "sweep.sbatch");
  CHECK(script.find("#SBATCH --array=1-4%3\n") != std::string::npos);
  CHECK(shell("bash -n " + quoted(out / "sweep.sbatch")).code == 0);
  // As the scheduler would run it, less the scheduler.
  for (const char* task : {"1", "2", "3", "4"}) {
    const auto ran =
        shell(cat("export KUCHI_CACHE=", quoted(Workshop::get().cache()),
                  " SLURM_ARRAY_TASK_ID=", task, "; bash ", quoted(out / "sweep.sbatch")));
    INFO(ran.err);
    CHECK(ran.code == 0);
  }
  CHECK(begun(out).size() == 4);
  must({"sweep", study.string(), "--out", out.string(), "--collect"});
  for (const auto& trial : summary_of(out)["trials"]) CHECK(trial["status"] == "done");
  CHECK(begun(out).size() == 4);
  const auto none = call({"sweep", study.string(), "--out", out.string(), "--trial", "5"});
  CHECK(none.code == 2);
  CHECK(none.err.find("they are 1 to 4") != std::string::npos);
}

TEST_CASE("sweep: folds, fractions, conditions and halving on the embedded set", "[cli][slow]") {
  const TempDir dir;
  const auto study = write_study(dir, R"(
search: halving
factors:
  model.head: [linear, tcn]
  model.tcn.width: {values: [8, 16], when: {model.head: tcn}}
  data.fraction: [0.5]
halving: {key: train.max_steps, budgets: [2, 4], keep: 0.5}
cross_validation: 2
)");
  const auto out = dir / "out";
  must({"sweep", study.string(), "--out", out.string(), "--jobs", "2"});
  const auto json = summary_of(out);
  CHECK(json["folds"].size() == 2);
  REQUIRE(json["settings"].size() == 4);  // three, of which one goes on
  CHECK(json["settings"][3]["rung"] == 1);
  CHECK(json["best"] == 3);
  std::set<std::string> heads;
  for (const auto& trial : json["trials"]) {
    CHECK(trial["status"] == "done");
    heads.insert(trial["overrides"]["model.head"].get<std::string>());
  }
  CHECK(heads == std::set<std::string>{"linear", "tcn"});
}

namespace {

/// The studies that ship, and the one that wants an encoder with a small one.
std::vector<fs::path> shipped_studies(const TempDir& dir) {
  std::vector<fs::path> out;
  for (const auto& e : fs::recursive_directory_iterator(source("experiments"))) {
    if (e.path().filename() != "study.yaml") continue;
    out.push_back(e.path());
    auto text = content(e.path());
    const std::string theirs = "../../build/encoder";
    if (text.find(theirs) == std::string::npos) continue;
    const auto own = (dir / "encoder").string();
    must({"encoder", "init", "--config", source("configs/encoder/small.json").string(), own});
    for (auto at = text.find(theirs); at != std::string::npos; at = text.find(theirs, at)) {
      text.replace(at, theirs.size(), own);
    }
    out.back() = dir / "features.yaml";
    write(out.back(), text);
  }
  std::sort(out.begin(), out.end());
  return out;
}

}  // namespace

TEST_CASE("sweep: every study that ships can be planned", "[cli]") {
  if (!fs::exists(shared("facegood"))) {
    WARN("the FACEGOOD clips are not there: shipped studies are not planned");
    return;
  }
  const TempDir dir;
  const auto studies = shipped_studies(dir);
  CHECK(studies.size() == 7);
  for (const auto& file : studies) {
    INFO(file.string());
    const auto ran = must({"sweep", file.string(), "--out", (dir / "out").string(), "--dry-run"});
    CHECK(ran.out.find(" settings, ") != std::string::npos);
  }
}

TEST_CASE("sweep: the first and the last trial of every study that ships", "[cli][slow]") {
  if (!fs::exists(shared("facegood"))) {
    WARN("the FACEGOOD clips are not there: shipped studies are not run");
    return;
  }
  const TempDir dir;
  for (const auto& file : shipped_studies(dir)) {
    INFO(file.string());
    const auto out = dir / ("out" + std::to_string(std::hash<std::string>{}(file.string())));
    const std::vector<std::string> line = {"sweep",      file.string(),       "--out",
                                           out.string(), "train.max_steps=4", "train.threads=1"};
    const auto with = [&](const std::vector<std::string>& more) {
      auto all = line;
      all.insert(all.end(), more.begin(), more.end());
      return must(all);
    };
    const auto planned = with({"--dry-run"}).out;
    const auto count =
        std::regex_replace(planned, std::regex("[\\s\\S]* settings, (\\d+) trials[\\s\\S]*"), "$1");
    with({"--trial", "1"});
    with({"--trial", count});
    with({"--collect"});
    size_t done = 0;
    const auto summary = summary_of(out);
    for (const auto& trial : summary["trials"]) {
      if (trial["status"] != "done") continue;
      ++done;
      CHECK(trial["metrics"]["mse"]["value"].get<double>() > 0);
    }
    CHECK(done == 2);
  }
}
