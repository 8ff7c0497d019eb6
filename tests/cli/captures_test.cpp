// From a folder of takes to a store, and what is wrong with the captures, from the command line.
#include "../data/trees.h"
#include "program.h"

using namespace kuchi;
using namespace kuchi::test;

TEST_CASE("cli: init writes a recipe that prepare takes, and tells of the licence", "[cli]") {
  NEEDS_PROGRAM();
  TempDir dir;
  const fs::path takes = dir / "takes";
  live_link_takes(takes, 2);
  const auto guessed = must({"init", takes.string()});
  CHECK(has(guessed.out, "{speaker}/{id}.wav"));
  CHECK(has(guessed.out, "sure: 8 of 8 .wav files"));
  const auto recipe = (takes / "recipe.yaml").string();
  CHECK(has(content(recipe), "licence: \"TODO"));
  const auto prepared = must({"prepare", recipe, "--out", (dir / "s.h5").string(), "-q"});
  CHECK(has(prepared.out, "8 clips"));
  CHECK(has(prepared.err, "recipe.yaml:4:1"));
  CHECK(has(prepared.err, "licence is still to be written"));

  const auto again = call({"init", takes.string()});
  CHECK(again.code == 2);
  CHECK(again.one_sentence());
  const auto elsewhere = dir / "mine.yaml";
  const auto json =
      must({"init", takes.string(), "--out", elsewhere.string(), "--json", "-"}).json();
  CHECK(json.at("clips") == 8);
  CHECK(json.at("guesses").at("split").at("sure") == "likely");
  CHECK(must({"inspect", elsewhere.string(), "--json", "-", "-q"}).json().at("kind") == "recipe");
  const auto nothing = call({"init", (dir / "none").string()});
  CHECK(nothing.code == 3);
  CHECK(nothing.one_sentence());
}

TEST_CASE("cli: inspect judges a recipe's captures and writes a page", "[cli]") {
  NEEDS_PROGRAM();
  TempDir dir;
  must({"synth", (dir / "set").string(), "--clips", "4", "-q"});
  const auto recipe = (dir / "set/recipe.yaml").string();
  const auto page = dir / "captures.html";
  const auto good = must({"inspect", recipe, "--out", page.string(), "-q"});
  CHECK(has(good.out, "closures/min"));
  CHECK(has(content(page), "<svg"));
  CHECK(call({"inspect", recipe, "--out", page.string()}).code == 2);
  const auto json = must({"inspect", recipe, "--json", "-", "-q"}).json();
  CHECK(json.at("kind") == "recipe");
  CHECK(json.at("quality").at("clips").size() == 4);

  must({"prepare", recipe, "--out", (dir / "s.h5").string(), "-q"});
  const auto store = (dir / "s.h5").string();
  CHECK_FALSE(must({"inspect", store, "--json", "-"}).json().contains("quality"));
  CHECK(must({"inspect", store, "--quality", "--json", "-", "-q"}).json().contains("quality"));
  // a recipe without its data is still told of
  const auto far = must({"inspect", source("datasets/beat.yaml").string(), "--json", "-"}).json();
  CHECK_FALSE(far.contains("quality"));
  const auto asked = call({"inspect", source("datasets/beat.yaml").string(), "--quality"});
  CHECK(asked.code == 3);
  CHECK(call({"inspect", (dir / "set").string(), "--quality"}).code == 3);
}

TEST_CASE("cli: a TextGrid becomes subtitles", "[cli]") {
  NEEDS_PROGRAM();
  const auto grid = shared("speech/mfa_mit/acoustic_corpus.TextGrid");
  if (!fs::exists(grid)) {
    WARN("skipped: no " << grid.string());
    return;
  }
  TempDir dir;
  const auto wrong =
      call({"convert", grid.string(), "--out", (dir / "x.srt").string(), "--tier", "no such"});
  CHECK(wrong.code == 3);
  const auto at = wrong.err.find("it has \"");
  REQUIRE(at != std::string::npos);
  const auto tier = wrong.err.substr(at + 8, wrong.err.find('"', at + 8) - at - 8);
  must({"convert", grid.string(), "--out", (dir / "x.srt").string(), "--tier", tier});
  CHECK(has(content(dir / "x.srt"), " --> "));
  CHECK(must({"inspect", grid.string(), "--json", "-"}).json().at("format") == "textgrid");

  // and back: nothing is lost that subtitles hold
  must({"convert", (dir / "x.srt").string(), "--out", (dir / "y.TextGrid").string(), "--tier",
        "mine"});
  must({"convert", (dir / "y.TextGrid").string(), "--out", (dir / "z.srt").string(), "--tier",
        "mine"});
  CHECK(content(dir / "x.srt") == content(dir / "z.srt"));
  const auto seen = must({"inspect", (dir / "y.TextGrid").string(), "--json", "-"}).json();
  CHECK(seen.at("kind") == "labels");
  CHECK(seen.at("tiers").at(0).at("name") == "mine");
}

TEST_CASE("cli: labels and curves are not made of one another", "[cli]") {
  NEEDS_PROGRAM();
  TempDir dir;
  const auto at = [&](const std::string& name) { return (dir / name).string(); };
  write(dir / "a.srt", "1\n00:00:00,500 --> 00:00:01,000\nHH\n");
  write(dir / "a.csv", "time,jawOpen\n0,0\n1,1\n");
  for (const auto& line : {std::vector<std::string>{"convert", at("a.srt"), "--out", at("b.csv")},
                           {"convert", at("a.csv"), "--out", at("b.srt")},
                           {"convert", at("a.csv"), "--out", at("b.TextGrid")}}) {
    const auto ran = call(line);
    INFO(ran.err);
    CHECK(ran.code == 2);
    CHECK(ran.one_sentence());
  }
  const auto srt = must({"inspect", at("a.srt"), "--json", "-"}).json();
  CHECK(srt.at("kind") == "labels");
  CHECK(srt.at("format") == "srt");
  CHECK(srt.at("seconds") == 1);
  CHECK(srt.at("tiers").at(0).at("labels").at(0) == "HH");
  write(dir / "bad.srt", "1\n00:00:00,500 --> 00:00:00,400\nHH\n");
  for (const char* verb : {"inspect", "convert"}) {
    std::vector<std::string> line = {verb, at("bad.srt")};
    if (line[0] == "convert") line.insert(line.end(), {"--out", at("b.TextGrid")});
    const auto ran = call(line);
    CHECK(ran.code == 3);
    CHECK(ran.one_sentence());
    CHECK(has(ran.err, "bad.srt:2: "));
  }
}
