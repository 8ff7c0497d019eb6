// Writing curve files, and reading back what was written.
#include <cmath>
#include <random>

#include "audio/test_files.h"
#include "core/text.h"
#include "curves/arkit_names.h"
#include "curves/track.h"
#include "curves/visemes.h"
#include "farthest.h"

namespace {
using namespace kuchi;
using namespace kuchi::test_files;
using namespace kuchi::curves;

Rig rig_of(const std::string& name) {
  return load_rig(std::string(KUCHI_SOURCE_DIR) + "/configs/rigs/" + name + ".yaml");
}

Matrix some_values(int64_t frames, int64_t columns) {
  Matrix m(frames, columns);
  for (int64_t t = 0; t < frames; ++t) {
    for (int64_t c = 0; c < columns; ++c) {
      m(t, c) = 0.5f + 0.4f * static_cast<float>(std::sin(0.1 * t + c));
    }
  }
  return m;
}

double worst(const Matrix& a, const Matrix& b) {
  REQUIRE(a.cols == b.cols);
  return test::farthest(a.data, b.data);
}
}  // namespace

TEST_CASE("write: every format gives back what was written, at every rate", "[curves]") {
  Folder folder;
  const Rig rig = rig_of("arkit");
  for (const auto& format : writable_formats()) {
    if (find_viseme_set(format) != nullptr) continue;  // lossy: visemes_test.cpp
    for (const double fps : {24.0, 25.0, 29.97, 30.0, 60.0, 59.94}) {
      if (format == "azure55" && fps != 60) continue;  // its one rate
      INFO(format << " " << fps);
      const auto file = folder / cat("clip", number(fps), ".", format);
      Matrix values = some_values(200, rig.size());
      if (format == "beat" || format == "mediapipe") {  // no tongue
        for (int64_t t = 0; t < 200; ++t) values(t, rig.index("tongueOut")) = 0;
      }
      write_track(file, format, rig, values, {fps, "speech.wav", false});
      const Track track = read_track(file, {"auto", {}, format == "npy" ? fps : 0});
      CHECK((track.format == format || track.format == "arkit"));  // its csv bears ARKit names
      CHECK(track.fps == Approx(fps).epsilon(1e-4));
      REQUIRE(track.times_s.size() == 200);
      CHECK(track.times_s[199] == Approx(199 / fps).margin(1e-4));
      const double tolerance = format == "livelink" ? 1e-7 : 0;
      CHECK(worst(on_rig(track, rig, file).values, values) <= tolerance);
      // The grid is kept, so that a further conversion at this rate takes the rows as they are.
      if (format != "livelink") CHECK(worst(resample(track, fps, 200), track.values) == 0);
    }
  }
}

TEST_CASE("write: one frame and two hundred random files survive every format", "[curves]") {
  Folder folder;
  const Rig rig = rig_of("arkit");
  std::mt19937 random(5);
  for (int round = 0; round < 200; ++round) {
    Matrix values(1 + static_cast<int64_t>(random() % 40) * (round % 4 > 0), rig.size());
    for (auto& v : values.data) v = static_cast<float>(random() % 100001) / 100000;
    const auto formats = writable_formats();
    const auto& format = formats[static_cast<size_t>(round) % formats.size()];
    if (find_viseme_set(format) != nullptr) continue;
    INFO(round << " " << format);
    if (format == "beat" || format == "mediapipe") {
      for (int64_t t = 0; t < values.rows; ++t) values(t, rig.index("tongueOut")) = 0;
    }
    const auto file = folder / cat(round);
    write_track(file, format, rig, values, {60, "", false});
    const Track track = read_track(file, {"auto", {}, format == "npy" ? 60.0 : 0.0});
    CHECK(worst(on_rig(track, rig, file).values, values) <= (format == "livelink" ? 1e-7 : 0));
  }
}

TEST_CASE("write: a long file is of its format too, though not all of it is looked at",
          "[curves]") {
  Folder folder;
  const Rig rig = parse_rig("name: r\ncurves: [jawOpen, mouthPucker]\n", "r");
  for (const auto& format : writable_formats()) {
    INFO(format);
    const auto file = folder / format;
    write_track(file, format, rig, some_values(4000, 2), {60, "", false});
    const Track track = read_track(file, {"auto", {}, format == "npy" ? 60.0 : 0.0});
    CHECK((track.format == format || track.format == "arkit"));  // its csv bears ARKit names
    CHECK(track.values.rows >= 4000);
  }
}

TEST_CASE("write: a rig of its own goes through to_arkit and is clamped", "[curves]") {
  Folder folder;
  const Rig rig = rig_of("facegood");
  Matrix values(2, 29);
  const auto at = [&](const char* name) { return rig.index(name); };
  values(1, at("mouth_stretch_c")) = 1.5f;
  values(1, at("mouth_funnel_ul")) = 0.25f;
  values(1, at("mouth_pucker_l")) = -0.5f;
  values(1, at("mouth_press_r")) = 0.75f;
  for (const char* format : {"livelink", "a2f"}) {
    const auto file = folder / format;
    write_track(file, format, rig, values, {30, "", false});
    const Track face = on_rig(read_track(file), rig_of("arkit"), file);
    const auto get = [&](const char* name) { return face.values(1, rig_of("arkit").index(name)); };
    CHECK(get("jawOpen") == 1);
    CHECK(get("mouthFunnel") == 0.25f);
    CHECK(get("mouthPucker") == 0);
    CHECK(get("mouthPressRight") == 0.75f);
    CHECK(get("mouthClose") == 0);
    CHECK(get("browInnerUp") == 0);
  }
}

TEST_CASE("write: Live Link Face's header and columns as its own captures have them", "[curves]") {
  Folder folder;
  Matrix values(31, 27);
  values(30, 1) = 0.25f;  // jawLeft
  write_track(folder / "a.csv", "livelink", rig_of("arkit-mouth"), values, {30, "", false});
  const auto lines = split(slurp(folder / "a.csv"), '\n');
  REQUIRE(lines.size() == 33);  // header, 31 frames, the end
  CHECK(lines[0].starts_with("Timecode,BlendshapeCount,EyeBlinkLeft,"));
  CHECK(
      lines[0].ends_with("TongueOut,HeadYaw,HeadPitch,HeadRoll,LeftEyeYaw,LeftEyePitch,"
                         "LeftEyeRoll,RightEyeYaw,RightEyePitch,RightEyeRoll"));
  CHECK(lines[1].starts_with("00:00:00:00.000,61,0.0000000000,"));
  CHECK(lines[31].starts_with("00:00:01:00.000,61,"));
  const auto header = split(lines[0], ','), last = split(lines[31], ',');
  REQUIRE(header.size() == 63);
  REQUIRE(last.size() == 63);
  CHECK(header[17] == "JawRight");
  CHECK(header[18] == "JawLeft");
  CHECK(header[23] == "MouthRight");
  CHECK(last[18] == "0.2500000000");
  const auto real = shared("formats/livelink_30fps_mit.csv");
  if (real.empty()) return;
  CHECK(plain_name(split(slurp(real), '\n')[0]) == plain_name(lines[0]));
}

TEST_CASE("write: Audio2Face JSON has the keys of its exporter", "[curves]") {
  Folder folder;
  write_track(folder / "a.json", "a2f", rig_of("arkit"), some_values(3, 52),
              {30, "a \"b\"\n.wav", false});
  const auto text = slurp(folder / "a.json");
  CHECK(contains(text, "\"exportFps\": 30,"));
  CHECK(contains(text, "\"trackPath\": \"a \\\"b\\\"\\n.wav\""));
  CHECK(contains(text, "\"numPoses\": 52"));
  CHECK(contains(text, "\"numFrames\": 3"));
  CHECK(contains(text, "\"facsNames\": [\"eyeBlinkLeft\", "));
}

TEST_CASE("write: npy leaves its names beside it, csv speaks the rig's own names", "[curves]") {
  Folder folder;
  const Rig rig = rig_of("kuchi26");
  write_track(folder / "a.npy", "npy", rig, some_values(4, 26), {30, "", false});
  CHECK(slurp(folder / "a.npy.names.txt") == join(rig.names(), "\n") + "\n");
  write_track(folder / "a.csv", "csv", rig, some_values(4, 26), {30, "", false});
  CHECK(slurp(folder / "a.csv").starts_with("time,jaw_open,jaw_side,"));
  CHECK(read_track(folder / "a.csv").format == "csv");
}

TEST_CASE("write: nothing is overwritten unasked, nothing half-written is left", "[curves]") {
  Folder folder;
  const Rig rig = rig_of("arkit");
  write(folder / "a.csv", "mine");
  const auto again = [&](bool force) {
    write_track(folder / "a.csv", "csv", rig, some_values(2, 52), {30, "", force});
  };
  CHECK(contains(error_of(Exit::config, [&] { again(false); }), "--force"));
  CHECK(slurp(folder / "a.csv") == "mine");
  again(true);
  CHECK(read_track(folder / "a.csv").values.rows == 2);

  Matrix bad = some_values(3, 52);
  bad(2, 17) = INFINITY;
  const auto text = error_of(Exit::data, [&] {
    write_track(folder / "b.json", "a2f", rig, bad, {30, "", false});
  });
  CHECK(contains(text, "frame 2, curve \"jawOpen\" is NaN or infinite"));
  CHECK(!fs::exists(folder / "b.json"));
  CHECK(contains(
      error_of(Exit::config,
               [&] {
                 write_track(folder / "c", "livelnk", rig, some_values(2, 52), {30, "", false});
               }),
      "did you mean \"livelink\"?"));
  const Rig own = parse_rig("name: own\ncurves: [a]\n", "own");
  CHECK(
      contains(error_of(Exit::config,
                        [&] {
                          write_track(folder / "c", "livelink", own, Matrix(2, 1), {30, "", false});
                        }),
               "gives no ARKit curve"));
}
