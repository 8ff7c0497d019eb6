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
}
