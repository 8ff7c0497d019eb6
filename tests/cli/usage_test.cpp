// What a user types, right and wrong.
#include <sstream>

#include "program.h"

using namespace kuchi;
using namespace kuchi::test;

namespace {

std::vector<std::string> verbs() {
  std::istringstream help(call({"--help"}).out);
  std::vector<std::string> out;
  bool below = false;
  for (std::string line; std::getline(help, line);) {
    if (line == "Subcommands:") {
      below = true;
    } else if (below && line.rfind("  ", 0) == 0 && line.size() > 2 && line[2] != ' ') {
      out.push_back(line.substr(2, line.find(' ', 2) - 2));
    } else if (below && line.empty()) {
      break;
    }
  }
  return out;
}

std::vector<fs::path> shipped_configs() {
  std::vector<fs::path> out;
  for (const auto& e : fs::recursive_directory_iterator(source("configs"))) {
    const bool rig = has(e.path().string(), "/rigs/"), study = has(e.path().string(), "/sweep/");
    if (e.path().extension() == ".yaml" && !rig && !study) out.push_back(e.path());
  }
  return out;
}

}  // namespace

TEST_CASE("cli: every verb has help with an example", "[cli]") {
  NEEDS_PROGRAM();
  const auto found = verbs();
  for (const char* verb : {"synth", "prepare", "train", "resume", "eval", "score", "predict",
                           "live", "convert", "inspect", "config", "doctor"}) {
    INFO(verb);
    CHECK(std::find(found.begin(), found.end(), verb) != found.end());
  }
  for (const auto& verb : found) {
    INFO(verb);
    const auto ran = call({verb, "--help"});
    CHECK(ran.code == 0);
    CHECK(has(ran.out, "Example:\n  kuchi " + verb));
    CHECK(ran.err.empty());
  }
}

TEST_CASE("cli: a verb that is none is told, with the nearest", "[cli]") {
  NEEDS_PROGRAM();
  const auto ran = call({"trian", "x.yaml"});
  CHECK(ran.code == 2);
  CHECK(ran.out.empty());
  CHECK(ran.one_sentence());
  CHECK(has(ran.err, "\"trian\""));
  CHECK(has(ran.err, "did you mean \"train\""));
  CHECK(call({"zzzzzzzz"}).code == 2);
  CHECK(call({}).code == 2);
  CHECK(call({""}).code == 2);
}

TEST_CASE("cli: an option that is none is told, with the nearest", "[cli]") {
  NEEDS_PROGRAM();
  const auto ran = call({"prepare", "r.yaml", "--out", "x.h5", "--forse"});
  CHECK(ran.code == 2);
  CHECK(ran.one_sentence());
  CHECK(has(ran.err, "--forse"));
  CHECK(has(ran.err, "did you mean \"--force\""));

  const auto other = call({"train", "x.yaml", "--ouut", "x"});
  CHECK(other.code == 2);
  CHECK(has(other.err, "did you mean \"--out\""));
}

TEST_CASE("cli: what is missing, too many, or out of range is a mistake of usage", "[cli]") {
  NEEDS_PROGRAM();
  CHECK(has(call({"train", "x.yaml"}).err, "--out"));
  for (const std::vector<std::string>& line :
       {std::vector<std::string>{"train", "x.yaml"},
        {"inspect"},
        {"inspect", "a", "b"},
        {"synth", "d", "--clips", "0"},
        {"synth", "d", "--clips", "many"},
        {"eval", "r", "--split", "tset"},
        {"predict", "r", "a.wav", "--out", "x", "--fps", "-1"},
        {"predict", "r", "a.wav", "--out", "x", "--format", "livelnk"},
        {"config"}}) {
    INFO(join(line, " "));
    const auto ran = call(line);
    CHECK(ran.code == 2);
    CHECK(ran.out.empty());
    CHECK_FALSE(ran.err.empty());
  }
}

TEST_CASE("cli: overrides stand anywhere after the verb's arguments, and win", "[cli]") {
  NEEDS_PROGRAM();
  const auto file = source("configs/debug/tiny.yaml").string();
  const auto plain = call({"config", file});
  REQUIRE(plain.code == 0);
  const auto after = call({"config", file, "train.lr=0.25", "-q", "model.head=linear"});
  REQUIRE(after.code == 0);
  CHECK(has(after.out, "lr: 0.25\n"));
  CHECK(has(after.out, "head: linear\n"));
  CHECK(after.out != plain.out);
  CHECK(call({"config", "model.head=linear", file, "train.lr=0.25"}).out == after.out);

  const auto refused = call({"doctor", "train.lr=1"});
  CHECK(refused.code == 2);
  CHECK(refused.one_sentence());
  const auto unknown = call({"config", file, "train.lrr=1"});
  CHECK(unknown.code == 2);
  CHECK(unknown.err ==
        "command line: train.lrr=1: unknown key \"train.lrr\"; did you mean "
        "\"train.lr\"?\n");
}

TEST_CASE("cli: all mistakes of file and command line at once, before anything is read or written",
          "[cli]") {
  NEEDS_PROGRAM();
  TempDir dir;
  write(dir / "my.yaml",
        "data: {store: nowhere.h5}\nmodel:\n  haed: bilstm\ntrain:\n  lr: fast\n  seed: -1\n");
  const auto before = listing(dir.path);

  const auto ran = call({"train", "my.yaml", "--out", "run", "train.precision=fp31"}, dir.path);

  CHECK(ran.code == 2);
  CHECK(ran.out.empty());
  CHECK(has(ran.err, "my.yaml:3:3: unknown key \"model.haed\"; did you mean \"model.head\"?\n"));
  CHECK(has(ran.err, "my.yaml:5:7: train.lr needs a number, has \"fast\"\n"));
  CHECK(has(ran.err, "my.yaml:6:9: train.seed must be"));
  CHECK(has(ran.err, "command line: train.precision=fp31: "));
  CHECK(std::count(ran.err.begin(), ran.err.end(), '\n') == 4);
  CHECK(listing(dir.path) == before);
}

TEST_CASE("cli: every shipped configuration passes its check", "[cli]") {
  NEEDS_PROGRAM();
  std::vector<std::string> line = {"config", "--check"};
  for (const auto& file : shipped_configs()) line.push_back(file.string());
  REQUIRE(line.size() > 2);

  const auto ran = call(line);

  INFO(ran.err);
  CHECK(ran.code == 0);
  CHECK(std::count(ran.out.begin(), ran.out.end(), '\n') == static_cast<int>(line.size()) - 2);
}

TEST_CASE("cli: every head is a valid change of any experiment", "[cli]") {
  NEEDS_PROGRAM();
  for (const char* head : {"mean", "linear", "bilstm", "transformer", "hybrid", "wav2vec2"}) {
    const auto ran =
        call({"config", "--check", source("configs/experiment/synth_bilstm.yaml").string(),
              cat("model.head=", head)});
    INFO(ran.err);
    CHECK(ran.code == 0);
  }
}

TEST_CASE("cli: config --check lists the mistakes of all files, and --defaults is one without",
          "[cli]") {
  NEEDS_PROGRAM();
  TempDir dir;
  write(dir / "a.yaml", "train: {lrr: 1}\n");
  write(dir / "b.yaml", "train: {lr: 1e-3}\n");
  write(dir / "c.yaml", "train: {lr: x}\nmodle: 1\n");
  const auto ran = call({"config", "--check", "a.yaml", "b.yaml", "c.yaml"}, dir.path);
  CHECK(ran.code == 2);
  CHECK(has(ran.err, "a.yaml:1:9: unknown key \"train.lrr\""));
  CHECK(has(ran.err, "c.yaml:1:13: train.lr needs a number"));
  CHECK(has(ran.err, "c.yaml:2:1: unknown key \"modle\""));
  CHECK(has(ran.out, "b.yaml"));

  const auto defaults = call({"config", "--defaults"});
  REQUIRE(defaults.code == 0);
  write(dir / "defaults.yaml", defaults.out);
  CHECK(call({"config", "--check", "defaults.yaml"}, dir.path).code == 0);
  CHECK(call({"config", "defaults.yaml"}, dir.path).out == defaults.out);
}

TEST_CASE("cli: a configuration with twice the same key, or that is none, is told by its place",
          "[cli]") {
  NEEDS_PROGRAM();
  TempDir dir;
  write(dir / "twice.yaml", "train: {lr: 1e-3}\nmodel: {head: mean}\ntrain: {seed: 1}\n");
  write(dir / "broken.yaml", "train: {lr: 1e-3\n");
  write(dir / "binary.yaml", std::string("a\0b", 3));
  write(dir / "circle.yaml", "defaults: [circle]\n");
  for (const auto& [file, place] :
       std::map<std::string, std::string>{{"twice.yaml", "twice.yaml:3:1: "},
                                          {"broken.yaml", "broken.yaml:"},
                                          {"binary.yaml", "binary.yaml: "},
                                          {"circle.yaml", "circle.yaml"},
                                          {"nowhere.yaml", "nowhere.yaml: no such file"}}) {
    INFO(file);
    const auto ran = call({"train", file, "--out", "run"}, dir.path);
    CHECK(ran.code == 2);
    CHECK(has(ran.err, place));
    CHECK(ran.one_sentence());
    CHECK_FALSE(fs::exists(dir / "run"));
  }
}

TEST_CASE("cli: schema and reference have the options; others' validator takes every config",
          "[cli][slow]") {
  NEEDS_PROGRAM();
  const auto schema = call({"config", "--schema"});
  REQUIRE(schema.code == 0);
  CHECK(schema.json().at("properties").contains("train"));
  CHECK(has(call({"config", "--reference"}).out, "`train.lr`"));

  TempDir dir;
  write(dir / "schema.json", schema.out);
  std::vector<std::string> line = {source("tests/cli/check_schema.py").string(),
                                   (dir / "schema.json").string()};
  for (const auto& file : shipped_configs()) line.push_back(file.string());
  const auto ran = python(line);
  if (ran.code == -1) {
    WARN("skipped: no build/venv-tests; scripts/setup.sh --test-tools");
    return;
  }
  INFO(ran.out << ran.err);
  CHECK(ran.code == 0);
}

TEST_CASE("cli: every shipped rig loads as a rig", "[cli]") {
  NEEDS_PROGRAM();
  for (const auto& e : fs::directory_iterator(source("configs/rigs"))) {
    if (e.path().extension() != ".yaml") continue;
    const auto ran = call({"inspect", e.path().string(), "--json", "-"});
    INFO(e.path() << ran.err);
    REQUIRE(ran.code == 0);
    CHECK(ran.json().at("kind") == "rig");
    CHECK(ran.json().at("curves").size() > 10);
  }
}
