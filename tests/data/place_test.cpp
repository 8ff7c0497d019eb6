// Clocks of sound and capture: Broadcast Wave time references and take.json against timecodes.
#include "data/place.h"

#include <algorithm>
#include <cstdint>
#include <iostream>
#include <sstream>

#include "audio/bwf.h"
#include "catch.h"
#include "data/make_clip.h"
#include "data/trees.h"

using namespace kuchi;
using namespace kuchi::data;
namespace fs = std::filesystem;
using test::TempDir;

namespace {

std::string little(uint64_t value, int bytes) {
  std::string out;
  for (int i = 0; i < bytes; ++i) out += static_cast<char>(value >> (8 * i));
  return out;
}

/// Puts a bext chunk with a time reference before the sound of a WAV.
void stamp(const fs::path& file, uint64_t samples) {
  std::string wav = io::read_text(file);
  const auto data = wav.find("data");
  REQUIRE(data != std::string::npos);
  const std::string body = std::string(338, '\0') + little(samples, 8) + std::string(256, '\0');
  wav.insert(data, "bext" + little(body.size(), 4) + body);
  wav.replace(4, 4, little(wav.size() - 8, 4));
  test::write(file, wav);
}

/// A Live Link CSV whose first timecode is at a time of day; jawOpen rises from 0 to 1.
void capture(const fs::path& file, int second_of_day, int frames, char before_frame = ':') {
  const auto rig = curves::load_rig("arkit");
  Matrix values(frames, rig.size());
  for (int64_t t = 0; t < frames; ++t) {
    values(t, rig.index("jawOpen")) = static_cast<float>(t) / static_cast<float>(frames);
  }
  curves::WriteOptions how;
  how.force = true;
  curves::write_track(file, "livelink", rig, values, how);
  std::string text = io::read_text(file), out;
  for (const auto& line : split(text, '\n')) {
    if (line.starts_with("00:00:")) {
      const int s = second_of_day + std::stoi(line.substr(6, 2));
      char code[16];
      std::snprintf(code, sizeof code, "%02d:%02d:%02d", s / 3600, s / 60 % 60, s % 60);
      out += cat(code, before_frame, line.substr(9), "\n");
    } else if (!line.empty()) {
      out += line + "\n";
    }
  }
  test::write(file, out);
}

MadeClip made(const fs::path& dir) {
  MakeOptions options;
  options.rig = curves::load_rig("arkit-mouth");
  return make_clip({"x", {}, dir / "x.wav", dir / "x.csv"}, options);
}

/// What goes to stderr while it lives.
class Told {
 public:
  Told() : before_(std::cerr.rdbuf(text_.rdbuf())) {}
  ~Told() { std::cerr.rdbuf(before_); }
  Told(const Told&) = delete;
  Told& operator=(const Told&) = delete;
  int64_t lines() const {
    const auto text = text_.str();
    return std::count(text.begin(), text.end(), '\n');
  }

 private:
  std::ostringstream text_;
  std::streambuf* before_;
};

}  // namespace

TEST_CASE("place: a Broadcast Wave's time reference", "[data]") {
  const TempDir dir;
  test::put_audio(dir / "x.wav", 4, 1);
  CHECK_FALSE(audio::bwf_start_s(dir / "x.wav"));
  stamp(dir / "x.wav", uint64_t{36000} * 16000 + 8000);  // 10:00:00.5
  CHECK(audio::bwf_start_s(dir / "x.wav").value() == 36000.5);
  CHECK(audio::read(dir / "x.wav").size() == 64000);

  capture(dir / "x.csv", 36001, 60);  // half a second after the sound, for two seconds
  const auto clip = made(dir.path);
  REQUIRE(clip.capture.placed_s);
  CHECK(*clip.capture.placed_s == Approx(0.5));
  CHECK(clip.curves.rows == 60);
  const auto jaw = curves::load_rig("arkit-mouth").index("jawOpen");
  CHECK(clip.curves(30, jaw) == Approx(0.5).margin(1e-3));
  // the sound is that from half a second on
  const auto whole = audio::read(dir / "x.wav");
  CHECK(clip.audio.size() == 32000);
  CHECK(clip.audio.front() == whole[8000]);
}

TEST_CASE("place: a capture that begins before its sound", "[data]") {
  const TempDir dir;
  test::put_audio(dir / "x.wav", 2, 1);
  capture(dir / "x.csv", 3600, 90);
  stamp(dir / "x.wav", uint64_t{3601} * 16000);
  const auto clip = made(dir.path);
  REQUIRE(clip.capture.placed_s);
  CHECK(*clip.capture.placed_s == Approx(-1));
  const auto jaw = curves::load_rig("arkit-mouth").index("jawOpen");
  CHECK(clip.curves.rows == 60);
  CHECK(clip.curves(0, jaw) == Approx(30.0 / 90).margin(1e-3));
}

TEST_CASE("place: take.json, and clocks that have nothing to do with each other", "[data]") {
  const TempDir dir;
  test::put_audio(dir / "x.wav", 2, 1);
  capture(dir / "x.csv", 3600, 60);
  CHECK_FALSE(made(dir.path).capture.placed_s);
  test::write(dir / "take.json", "{\"startTimecode\": \"00:59:59:15.000\"}");
  const auto clip = made(dir.path);
  REQUIRE(clip.capture.placed_s);
  CHECK(*clip.capture.placed_s == Approx(0.5));
  for (const char* other :
       {"{\"startTimecode\": \"12:00:00:00\"}", "{\"startTimecode\": 5}", "[", "{}"}) {
    test::write(dir / "take.json", other);
    CHECK_FALSE(made(dir.path).capture.placed_s);
  }
}

TEST_CASE("place: clocks that were not set alike are told once, though a clip is heard twice",
          "[data]") {
  const TempDir dir;
  test::put_audio(dir / "x.wav", 2, 1);
  capture(dir / "x.csv", 3600, 60);
  test::write(dir / "take.json", "{\"startTimecode\": \"12:00:00:00\"}");
  MakeOptions options;
  options.rig = curves::load_rig("arkit-mouth");
  const FoundClip clip{"x", {}, dir / "x.wav", dir / "x.csv"};
  const Told told;
  listen(clip, options);
  CHECK(told.lines() == 0);
  make_clip(clip, options);
  CHECK(told.lines() == 1);
}

TEST_CASE("place: midnight between a take and its curves, where numbers are dropped", "[data]") {
  const TempDir dir;
  test::put_audio(dir / "x.wav", 14, 1);
  capture(dir / "x.csv", 5, 60, ';');
  test::write(dir / "take.json", "{\"startTimecode\": \"23:59:55;00\"}");
  const auto clip = made(dir.path);
  REQUIRE(clip.capture.placed_s);
  CHECK(*clip.capture.placed_s == Approx(10.01).margin(1e-6));  // 300 frames of 1001/30000 s
}
