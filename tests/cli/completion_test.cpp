// Completion scripts, each in its own shell, and the manual page.
#include <sstream>

#include "program.h"

using namespace kuchi;
using namespace kuchi::test;

namespace {

const std::vector<std::string> kVerbs = {"init",    "synth",   "prepare", "train",  "resume",
                                         "eval",    "score",   "predict", "live",   "report",
                                         "preview", "lr",      "export",  "encode", "encoder",
                                         "convert", "inspect", "config",  "doctor", "bench"};

/// The script for a shell, in a file that stays as long as the tests.
fs::path script(const std::string& shell_name) {
  const fs::path file = Workshop::get().dir / ("completion." + shell_name);
  if (!fs::exists(file)) {
    const auto ran = call({"config", "--completion", shell_name});
    REQUIRE(ran.code == 0);
    write(file, ran.out);
  }
  return file;
}

std::vector<std::string> lines(const std::string& text) {
  std::vector<std::string> out;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) {
    if (!line.empty()) out.push_back(line);
  }
  return out;
}

/// What bash's completion function replies to the cursor at the end of `line`. Sorted.
std::vector<std::string> bash(const std::string& line, const fs::path& cwd = "/") {
  const auto ran = shell("cd " + quoted(cwd) + " && bash --norc -c 'source \"$0\"; COMP_LINE=$1; " +
                         "COMP_POINT=${#1}; _kuchi; printf \"%s\\n\" \"${COMPREPLY[@]}\"' " +
                         quoted(script("bash")) + " '" + line + "'");
  REQUIRE(ran.code == 0);
  CHECK(ran.err.empty());
  auto out = lines(ran.out);
  std::sort(out.begin(), out.end());
  return out;
}

bool offers(const std::vector<std::string>& words, const std::string& word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

using Words = std::vector<std::string>;

/// What an interactive shell shows after a line and two tabs.
void check_typed(const std::string& shell_name) {
  const auto show = [&](const std::string& line) {
    return python(
        {source("tests/cli/press_tab.py").string(), shell_name, script(shell_name).string(), line});
  };
  const auto verbs = show("kuchi pre");
  if (verbs.code == -1) {
    WARN("skipped: no Python of the tests' own to type with (scripts/setup.sh --test-tools)");
    return;
  }
  INFO(verbs.out << verbs.err);
  REQUIRE(verbs.code == 0);
  CHECK(has(verbs.out, "predict"));
  CHECK(has(verbs.out, "prepare"));
  const auto split = show("kuchi eval r --split ").out;
  for (const char* word : {"all", "test", "train", "valid"}) CHECK(has(split, word));
  CHECK(has(show("kuchi eval r --split train --probe").out, "--probe-pairs"));
  CHECK(has(show("kuchi train x.yaml model.bilstm.hid").out, "model.bilstm.hidden="));
  CHECK(has(show("kuchi train x.yaml model.head=li").out, "model.head=linear"));
}

}  // namespace

TEST_CASE("completion: bash knows the verbs", "[cli]") {
  NEEDS_PROGRAM();
  const auto all = bash("kuchi ");
  for (const auto& verb : kVerbs) {
    INFO(verb);
    CHECK(offers(all, verb));
  }
  CHECK(bash("kuchi syn") == Words{"synth"});
  CHECK(bash("kuchi -q syn") == Words{"synth"});
  CHECK(offers(bash("kuchi --"), "--version"));
}

TEST_CASE("completion: bash knows each verb's options and their values", "[cli]") {
  NEEDS_PROGRAM();
  const auto train = bash("kuchi train x.yaml --");
  CHECK(offers(train, "--out"));
  CHECK(offers(train, "--quiet"));
  CHECK(offers(train, "--plugin"));
  CHECK(bash("kuchi train --plugin ").empty());  // files
  CHECK_FALSE(offers(train, "--split"));
  CHECK(bash("kuchi eval r --split ") == Words{"all", "test", "train", "valid"});
  CHECK(bash("kuchi eval r --split te") == Words{"test"});
  CHECK(bash("kuchi eval r --split=te") == Words{"test"});
  // a value that is a verb's name changes nothing
  CHECK(offers(bash("kuchi eval r --split train --"), "--probe"));
  CHECK(bash("kuchi predict r a.wav --format li") == Words{"livelink"});
  CHECK(bash("kuchi predict r a.wav --device c") == Words{"cpu", "cuda"});
  CHECK(bash("kuchi synth d --rig arkit-") == Words{"arkit-mouth"});
  CHECK(offers(bash("kuchi encoder "), "init"));  // a verb with verbs of its own
  CHECK(offers(bash("kuchi encoder init --"), "--config"));
  CHECK(bash("kuchi config --completion ") == Words{"bash", "fish", "zsh"});
}

TEST_CASE("completion: bash knows configuration keys, where a verb takes them", "[cli]") {
  NEEDS_PROGRAM();
  CHECK(bash("kuchi train x.yaml model.bilstm.hid") == Words{"model.bilstm.hidden="});
  CHECK(offers(bash("kuchi resume r train."), "train.max_epochs="));
  CHECK(offers(bash("kuchi train x.yaml model.head="), "bilstm"));
  CHECK(bash("kuchi train x.yaml model.head=li") == Words{"linear"});
  CHECK(bash("kuchi train x.yaml data.strict=t") == Words{"true"});
  CHECK(bash("kuchi train x.yaml data.synth.rig=fa") == Words{"facegood"});
  CHECK(bash("kuchi doctor train.").empty());
  CHECK(bash("kuchi eval r train.").empty());
}

TEST_CASE("completion: bash is left to complete files elsewhere", "[cli]") {
  NEEDS_PROGRAM();
  TempDir dir;
  write(dir / "train.yaml", "");
  CHECK(bash("kuchi train ", dir.path).empty());
  CHECK(bash("kuchi train x.yaml --out ", dir.path).empty());
  CHECK(bash("kuchi train x.yaml data.store=", dir.path).empty());
  // a file that begins as a key does is offered with the keys
  const auto both = bash("kuchi train train.", dir.path);
  CHECK(offers(both, "train.yaml"));
  CHECK(offers(both, "train.lr="));
}

TEST_CASE("completion: the verbs that are offered no keys refuse them, the others take them",
          "[cli]") {
  NEEDS_PROGRAM();
  for (const Words& line : {Words{"synth", "d"}, Words{"eval", "r"}, Words{"inspect", "p"},
                            Words{"convert", "a", "--out", "b"},
                            Words{"predict", "r", "a", "--out", "b"}, Words{"doctor"}}) {
    INFO(line[0]);
    CHECK_FALSE(offers(bash("kuchi " + line[0] + " train."), "train.lr="));
    auto given = line;
    given.push_back("train.lr=1");
    const auto ran = call(given);
    CHECK(ran.code == 2);
    CHECK(has(ran.err, "takes no section.key=value"));
  }
  for (const Words& line : {Words{"prepare", "none", "--out", "b"}, Words{"resume", "none"},
                            Words{"train", "none", "--out", "b"}, Words{"config", "none"}}) {
    INFO(line[0]);
    CHECK(offers(bash("kuchi " + line[0] + " train."), "train.lr="));
    auto given = line;
    given.push_back("train.lr=1");
    CHECK_FALSE(has(call(given).err, "takes no section.key=value"));
  }
}

TEST_CASE("completion: fish offers verbs, values and keys", "[cli]") {
  NEEDS_PROGRAM();
  const auto file = script("fish");
  for (const auto& verb : kVerbs) CHECK(has(content(file), " -f -a " + verb + " -d "));
  if (!installed("fish")) {
    WARN("skipped: fish is not installed, its script was not run");
    return;
  }
  const auto fish = [&](const std::string& line) {
    const auto ran = shell("cd / && HOME=" + quoted(Workshop::get().dir.path) +
                           " fish --no-config -c 'source $argv[1]; complete -C $argv[2]' " +
                           quoted(file) + " '" + line + "'");
    CHECK(ran.err.empty());
    Words out;
    for (const auto& found : lines(ran.out)) out.push_back(found.substr(0, found.find('\t')));
    std::sort(out.begin(), out.end());
    return out;
  };
  CHECK(fish("kuchi pre") == Words{"predict", "prepare", "preview"});
  CHECK(fish("kuchi eval r --split ") == Words{"all", "test", "train", "valid"});
  CHECK(offers(fish("kuchi eval r --split train --pro"), "--probe"));
  CHECK(offers(fish("kuchi train x.yaml model.hea"), "model.head=linear"));
  CHECK(fish("kuchi doctor model.hea").empty());
}

TEST_CASE("completion: zsh offers verbs, values and keys", "[cli][slow]") {
  NEEDS_PROGRAM();
  const auto file = script("zsh");
  for (const auto& verb : kVerbs) CHECK(has(content(file), "\n    '" + verb + ":"));
  if (!installed("zsh")) {
    WARN("skipped: zsh is not installed, its script was not run");
    return;
  }
  check_typed("zsh");
}

TEST_CASE("completion: an interactive bash puts in what the function replies", "[cli][slow]") {
  NEEDS_PROGRAM();
  check_typed("bash");
}

TEST_CASE("man page: names every verb, option and key, is the same each time and clean", "[cli]") {
  NEEDS_PROGRAM();
  const auto page = call({"config", "--man"});
  REQUIRE(page.code == 0);
  CHECK(call({"config", "--man"}).out == page.out);
  for (const auto& verb : kVerbs) CHECK(has(page.out, "\n.SS " + verb + "\n"));
  CHECK(has(page.out, "\\fB\\-\\-probe\\-pairs\\fR"));
  CHECK(has(page.out, "train.lr"));
  CHECK(has(page.out, ".TH KUCHI 1 \"\" \"kuchi "));  // no date

  const fs::path file = Workshop::get().dir / "kuchi.1";
  write(file, page.out);
  if (!installed("man")) {
    WARN("skipped: man is not installed, the page was not set");
    return;
  }
  const auto set = shell("LC_ALL=C.UTF-8 MANROFFSEQ= MANWIDTH=100 man --warnings -E UTF-8 -l " +
                         quoted(file) + " | col -b");
  CHECK(set.err.empty());  // groff's warnings
  CHECK(has(set.out, "kuchi - train audio-to-viseme models"));
  CHECK(has(set.out, "kuchi train configs/debug/tiny.yaml --out runs/first"));
}
