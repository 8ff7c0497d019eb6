// RUN/tb, opened by TensorBoard's own reader.
#include "program.h"

using namespace kuchi;
using namespace kuchi::test;

TEST_CASE("tensorboard: its own reader finds scalars, histograms and curves; a resume's once",
          "[cli][slow]") {
  NEEDS_PROGRAM();
  TempDir dir;
  const auto run = (dir / "run").string();
  must({"train", source("configs/debug/tiny.yaml").string(), "--out", run, "train.device=cpu",
        "train.threads=1", "train.max_epochs=3", "train.batch_frames=120", "-q"});
  must({"resume", run, "train.max_epochs=5", "-q"});
  const auto ran = python({source("tests/cli/read_tensorboard.py").string(), run + "/tb"});
  if (ran.code == -1) {
    WARN("skipped: no build/venv-tests; scripts/setup.sh --test-tools");
    return;
  }
  INFO(ran.err);
  REQUIRE(ran.code == 0);
  const auto found = ran.json();
  std::vector<Json> epochs;
  std::ifstream in(run + "/events.jsonl");
  for (std::string line; std::getline(in, line);) epochs.push_back(Json::parse(line));
  REQUIRE(epochs.size() == 5);
  for (const auto& [tag, of] : std::map<std::string, std::vector<std::string>>{
           {"epoch/loss", {"loss"}},
           {"epoch/valid/mse", {"valid", "mse"}},
           {"epoch/timing/share/backward", {"timing", "share", "backward"}}}) {
    INFO(tag);
    const auto& points = found.at("scalars").at(tag);
    REQUIRE(points.size() == 5);
    for (size_t i = 0; i < 5; ++i) {
      auto value = epochs[i];
      for (const auto& key : of) value = Json(value.at(key));
      CHECK(points[i][0] == epochs[i].at("step"));
      CHECK(points[i][1].get<double>() == Approx(value.get<double>()).epsilon(1e-5));
    }
  }
  CHECK(found.at("scalars").count("update/loss") == 1);
  CHECK(found.at("histograms").size() >= 10);
  for (const auto& [tag, all] : found.at("histograms").items()) {
    INFO(tag);
    CHECK(all.size() == 5);
    double counted = 0;
    for (const auto& count : all[0][5]) counted += count.get<double>();
    CHECK(counted == all[0][3].get<double>());
  }
  CHECK(found.at("images").size() == 6);
  for (const auto& [tag, all] : found.at("images").items()) {
    INFO(tag);
    REQUIRE(all.size() == 5);
    CHECK(all[4][1] == 640);
    CHECK(all[4][2] == 140);
    CHECK(all[4][3].get<int>() >= 3);  // ground, target, prediction
  }
}

TEST_CASE("tensorboard: without it nothing is written for it", "[cli]") {
  NEEDS_PROGRAM();
  TempDir dir;
  must({"train", source("configs/debug/tiny.yaml").string(), "--out", (dir / "run").string(),
        "train.device=cpu", "train.max_epochs=1", "train.tensorboard=false", "-q"});
  CHECK_FALSE(fs::exists(dir / "run/tb"));
  CHECK(fs::exists(dir / "run/events.jsonl"));
}
