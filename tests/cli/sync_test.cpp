// Sound and curves in time, from the command line.
#include "program.h"

using namespace kuchi;
using namespace kuchi::test;

TEST_CASE("cli: prepare tells lags in a table, as JSON and in pictures", "[cli][sync]") {
  NEEDS_PROGRAM();
  TempDir dir;
  REQUIRE(call({"synth", "set", "--clips", "8", "--seconds", "15", "--seed", "3", "-q"}, dir.path)
              .code == 0);
  // A clip whose audio begins 300 ms later than the others'.
  fs::path moved;
  for (const auto& file : fs::recursive_directory_iterator(dir / "set/wav")) {
    if (file.path().extension() == ".wav" && (moved.empty() || file.path() < moved))
      moved = file.path();
  }
  auto audio = audio::read(moved);
  audio.insert(audio.begin(), 4800, 0.0F);
  audio.resize(audio.size() - 4800);
  audio::write_wav(moved, audio);

  const auto told =
      call({"prepare", "set/recipe.yaml", "--out", "s.h5", "--sync-pictures", "lags"}, dir.path);
  REQUIRE(told.code == 0);
  CHECK(told.out.find("from usual") != std::string::npos);
  CHECK(told.out.find("usual lag") != std::string::npos);
  CHECK(told.out.find("curves moved") == std::string::npos);
  size_t pictures = 0;
  for (const auto& file : fs::directory_iterator(dir / "lags"))
    pictures += file.path().extension() == ".png" ? 1 : 0;
  CHECK(pictures == 8);

  const auto right = call({"prepare", "set/recipe.yaml", "--out", "r.h5", "--json", "-", "-q",
                           "data.sync.correct=deviation", "data.sync.over_ms=150"},
                          dir.path);
  REQUIRE(right.code == 0);
  const auto json = right.json();
  int corrected = 0;
  for (const auto& clip : json["clips"]) {
    CHECK(clip["lag_ms"].is_number());
    CHECK(clip["confidence"].is_number());
    CHECK(clip["coverage"].get<double>() > 0.9);
    if (clip["sync"]["moved_ms"] == 0) continue;
    ++corrected;
    const auto id = clip["id"].get<std::string>();
    CHECK(id.find(moved.stem().string()) != std::string::npos);
    CHECK(clip["sync"]["moved_ms"].get<double>() ==
          Approx(300).margin(120));  // its speaker's own lead
    CHECK(clip["done"].get<std::string>().find("curves moved by +") != std::string::npos);
  }
  CHECK(corrected == 1);

  const auto wrong =
      call({"prepare", "set/recipe.yaml", "--out", "w.h5", "data.sync.corect=deviation"}, dir.path);
  CHECK(wrong.code == 2);
  CHECK(wrong.err.find("data.sync.correct") != std::string::npos);
  CHECK(call({"prepare", "set/recipe.yaml", "--out", "w.h5", "--sync-pictures", "lags"}, dir.path)
            .code == 2);
}
