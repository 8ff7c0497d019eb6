// The C example of docs/capi.md, built on the installed library as an engine's author does, against
// kuchi live on the same sound.
#include <cmath>

#include "audio/audio.h"
#include "installed.h"

using namespace kuchi;
using namespace kuchi::test;

namespace {

/// The samples of a sound file as s16le bytes.
fs::path s16le(const fs::path& dir, const std::string& sound) {
  std::string bytes;
  for (const float x : audio::read(sound)) {
    const auto value = static_cast<int16_t>(std::lround(std::clamp(x, -1.0F, 1.0F) * 32767));
    bytes += static_cast<char>(value & 255);
    bytes += static_cast<char>(value >> 8 & 255);
  }
  write(dir / "sound.s16le", bytes);
  return dir / "sound.s16le";
}

/// The example's table against the lines of kuchi live; how many frames.
size_t check_same_frames(const std::string& table, const std::string& lines) {
  const auto rows = split(table, '\n'), frames = split(lines, '\n');
  REQUIRE(rows.size() == frames.size() + 1);  // names first
  const auto names = split(rows[0], ',');
  for (size_t j = 0; j + 1 < frames.size(); ++j) {
    const auto want = nlohmann::ordered_json::parse(frames[j]);
    const auto got = split(rows[j + 1], ',');
    REQUIRE(got.size() == want["curves"].size() + 1);
    REQUIRE(std::abs(std::stod(got[0]) - want["t"].get<double>()) <= 1e-6);
    size_t c = 1;
    for (const auto& [name, value] : want["curves"].items()) {
      REQUIRE(name == names[c]);
      REQUIRE(std::abs(std::stod(got[c]) - value.get<double>()) <= 1e-6);
      ++c;
    }
  }
  return frames.size() - 1;
}

}  // namespace

TEST_CASE("capi: the C example, built by CMake and by cc alone, gives what kuchi live gives",
          "[cli][slow]") {
  NEEDS_BUILD();
  TempDir dir;
  const auto run = dir / "run";
  auto training = little_training(run);
  for (const char* more : {"model.head=lstm", "model.lstm.projection=[32]", "model.lstm.hidden=16",
                           "model.lstm.output=[16]"}) {
    training.emplace_back(more);
  }
  must(training);
  const auto sound = s16le(dir.path, make_sound(dir.path));

  const auto by_cmake = build_example("live", dir / "example") / "live";
  const auto& prefix = installed_prefix();
  const auto by_cc = dir / "live";
  const auto cc = shell("cc -std=c99 -Wall -Wextra -pedantic -Werror -pthread -I " +
                        quoted(prefix / "include") + " " + quoted(dir / "example/main.c") + " -L " +
                        quoted(prefix / "lib") + " -Wl,-rpath," + quoted(prefix / "lib") +
                        " -Wl,--allow-shlib-undefined -lkuchi -o " + quoted(by_cc));
  INFO(cc.err);
  REQUIRE(cc.code == 0);

  for (const std::string fps : {"30", "60"}) {
    const auto live = shell(quoted(program()) + " live " + quoted(run) + " -q --fps " + fps +
                            " < " + quoted(sound));
    REQUIRE(live.code == 0);
    for (const auto& example : {by_cmake, by_cc}) {
      const auto ran =
          shell(quoted(example) + " " + quoted(run) + " " + fps + " < " + quoted(sound));
      INFO(ran.err);
      REQUIRE(ran.code == 0);
      CHECK(check_same_frames(ran.out, live.out) > 30);
    }
  }
  const auto none = shell(quoted(by_cc) + " " + quoted(dir / "none") + " < /dev/null");
  CHECK(none.code == 3);
  CHECK(none.one_sentence());
  const auto whole = shell(quoted(by_cc) + " " + quoted(shared_run()) + " < /dev/null");
  CHECK(whole.code == 2);
  CHECK(has(whole.err, "answers only when the clip is over"));

  // Nothing but the interface shows.
  const auto symbols = shell("nm -D --defined-only " + quoted(prefix / "lib/libkuchi.so"));
  REQUIRE(symbols.code == 0);
  for (const auto& line : split(symbols.out, '\n')) {
    INFO(line);
    CHECK((line.empty() || has(line, " T kuchi_")));
  }
}
