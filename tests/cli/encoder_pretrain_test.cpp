// Encoders that learn phones, from the command line.
#include "program.h"

using namespace kuchi;
using namespace kuchi::test;

namespace {

std::vector<std::string> pretrain(const std::string& data, const fs::path& out,
                                  const std::vector<std::string>& more = {}) {
  std::vector<std::string> line = {"encoder",
                                   "pretrain",
                                   data,
                                   "--config",
                                   source("configs/encoder/tiny.json").string(),
                                   "--out",
                                   out.string(),
                                   "--threads",
                                   "1",
                                   "--batch-seconds",
                                   "4",
                                   "--segment-seconds",
                                   "2"};
  line.insert(line.end(), more.begin(), more.end());
  return line;
}

}  // namespace

TEST_CASE("cli: encoder pretrain on the embedded set writes an encoder that the other verbs open",
          "[cli]") {
  NEEDS_PROGRAM();
  const TempDir dir;
  const auto ran = must(pretrain("synth", dir / "e",
                                 {"--clips", "10", "--clip-seconds", "2", "--steps", "6", "--json",
                                  (dir / "r.json").string()}));
  CHECK(has(ran.out, "held out"));
  CHECK(has(ran.out, (dir / "e").string()));
  const auto report = Json::parse(content(dir / "e/pretraining.json"));
  CHECK(report == Json::parse(content(dir / "r.json")));
  CHECK(report["steps"] == 6);
  CHECK(report["provenance"]["data"] == "synth");
  CHECK(report["held_out"]["frames"].get<int>() > 50);
  CHECK(report["phones"].size() > 20);
  CHECK(must({"inspect", (dir / "e").string(), "--verify", "--json", "-"}).json()["layers"] == 2);

  // Going on from it changes the weights and nothing of the shape; force replaces what it wrote.
  const auto weights = content(dir / "e/model.safetensors");
  auto more = pretrain("synth", dir / "e", {"--clips", "4", "--clip-seconds", "2", "--steps", "2"});
  const auto exists = call(more);
  CHECK(exists.code == 2);
  CHECK(has(exists.err, "exists already"));
  CHECK(exists.one_sentence());
  *std::find(more.begin(), more.end(), "--config") = "--from";
  *std::find(more.begin(), more.end(), source("configs/encoder/tiny.json").string()) =
      (dir / "e").string();
  more.push_back("--force");
  must(more);
  CHECK(content(dir / "e/model.safetensors").size() == weights.size());
  CHECK(content(dir / "e/model.safetensors") != weights);
}

TEST_CASE("cli: encoder pretrain takes a recipe and a folder with TextGrids", "[cli]") {
  NEEDS_PROGRAM();
  const TempDir dir;
  must({"synth", (dir / "s").string(), "--clips", "8", "--seconds", "2"});
  const auto recipe = must(pretrain((dir / "s/recipe.yaml").string(), dir / "a", {"--steps", "2"}));
  INFO(recipe.err);
  CHECK(has(recipe.err, "8 clips"));
  fs::remove(dir / "s/recipe.yaml");
  fs::remove_all(dir / "s/probe");
  const auto folder =
      must(pretrain((dir / "s").string(), dir / "b", {"--steps", "2", "--held-out", "0.25"}));
  CHECK(has(folder.err, "8 clips"));
  CHECK(has(folder.out, "frames right"));

  std::vector<fs::path> grids;
  for (const auto& entry : fs::recursive_directory_iterator(dir / "s/phones")) {
    if (entry.path().extension() == ".TextGrid") grids.push_back(entry.path());
  }
  REQUIRE(grids.size() == 8);
  for (const auto& grid : grids) {
    must({"convert", grid.string(), "--out", fs::path(grid).replace_extension(".srt").string()});
    fs::remove(grid);
  }
  const auto subtitles =
      must(pretrain((dir / "s").string(), dir / "d", {"--steps", "2", "--held-out", "0.25"}));
  CHECK(has(subtitles.err, "8 clips"));
  const auto phones = [](const Ran& ran) {
    const auto end = ran.err.find(" phones");
    return ran.err.substr(ran.err.rfind(' ', end - 1), end - ran.err.rfind(' ', end - 1));
  };
  CHECK(phones(subtitles) == phones(folder));

  fs::remove_all(dir / "s/phones");
  const auto none = call(pretrain((dir / "s").string(), dir / "c", {"--steps", "2"}));
  CHECK(none.code == 3);
  CHECK(has(none.err, "TextGrid"));
  CHECK(none.one_sentence());
  CHECK_FALSE(fs::exists(dir / "c"));
}

TEST_CASE("cli: encoder pretrain refuses what it cannot do", "[cli]") {
  NEEDS_PROGRAM();
  const TempDir dir;
  const auto neither = call({"encoder", "pretrain", "synth", "--out", (dir / "e").string()});
  CHECK(neither.code == 2);
  CHECK(has(neither.err, "--config"));
  CHECK(neither.one_sentence());
  const auto sized = call(pretrain(dir.path.string(), dir / "e", {"--clips", "3"}));
  CHECK(sized.code == 2);
  CHECK(has(sized.err, "--clips sizes the embedded set"));
  const auto override_ = call(pretrain("synth", dir / "e", {"train.lr=1"}));
  CHECK(override_.code == 2);
  CHECK(listing(dir.path).empty());
}

TEST_CASE("cli: an interrupted encoder pretrain keeps what was learnt", "[cli]") {
  NEEDS_PROGRAM();
  const TempDir dir;
  Started training(
      pretrain("synth", dir / "e",
               {"--clips", "4", "--clip-seconds", "2", "--steps", "100000", "--held-out", "0"}),
      {});
  std::this_thread::sleep_for(std::chrono::seconds(3));
  REQUIRE(training.running());
  training.send(SIGINT);
  const auto ran = training.end();
  INFO(ran.err);
  CHECK(ran.code == 130);
  CHECK(has(ran.err, "the encoder as it stands is in"));
  const auto report = Json::parse(content(dir / "e/pretraining.json"));
  CHECK(report["steps"].get<int>() > 0);
  CHECK(report["steps"] != report["asked_steps"]);
  CHECK(report["held_out"].is_null());
  must({"inspect", (dir / "e").string(), "--verify"});
}
