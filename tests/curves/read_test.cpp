// Reading curve files: what formats hold, and what each mistake says.
#include <cmath>

#include "audio/test_files.h"
#include "core/text.h"
#include "curves/track.h"
#include "io/npy.h"

namespace {
using namespace kuchi;
using namespace kuchi::test_files;
using namespace kuchi::curves;

std::string refusal(const fs::path& file, const ReadOptions& options = {}) {
  return error_of(Exit::data, [&] { read_track(file, options); });
}

Rig rig_of(const std::string& name) {
  return load_rig(std::string(KUCHI_SOURCE_DIR) + "/configs/rigs/" + name + ".yaml");
}

/// A CSV of timecodes and two curves, each row's first curve its number.
std::string timed(const std::vector<std::string>& codes) {
  std::string text = "Timecode,BlendshapeCount,JawOpen,MouthClose\n";
  for (size_t i = 0; i < codes.size(); ++i) text += cat(codes[i], ",2,0.", i, ",0\n");
  return text;
}
}  // namespace

TEST_CASE("read: a Live Link capture takes its times from timecodes in a 60 base", "[curves]") {
  const auto file = shared("formats/livelink_30fps_mit.csv");
  if (file.empty()) return;
  const Track track = read_track(file);
  CHECK(track.format == "livelink");
  REQUIRE(track.values.rows == 4030);
  CHECK(track.values.cols == 61);
  CHECK(track.names.front() == "EyeBlinkLeft");
  CHECK(track.times_s.front() == 0);
  CHECK(track.times_s[1] == Approx(1.999 / 60));
  // 13:13:04:31.652 to 13:15:18:54.561 in a 60 base, by hand
  CHECK(track.times_s.back() == Approx(134 + 22.909 / 60));
  CHECK(track.fps == Approx(4029 / (134 + 22.909 / 60)));

  const Track face = on_rig(track, rig_of("arkit"), file);
  CHECK(face.format == "livelink");
  CHECK(face.values(0, 0) == 0.1236470118f);   // EyeBlinkLeft
  CHECK(face.values(0, 15) == 0.0f);           // jawLeft, which stands second in the file
  CHECK(face.values(0, 16) == 0.0185036063f);  // jawRight, which stands first
  CHECK(face.values(0, 17) == 0.0190581698f);  // jawOpen
}

TEST_CASE("read: an ARKit CSV of another order and case is mapped by name", "[curves]") {
  const auto file = shared("formats/arkit_generated_mit.csv");
  if (file.empty()) return;
  const Track track = read_track(file);
  CHECK(track.format == "arkit");
  REQUIRE(track.values.rows == 133);
  CHECK(track.fps == Approx(60));
  const Track face = on_rig(track, rig_of("arkit-mouth"), file);
  CHECK(face.names[3] == "jawOpen");
  CHECK(face.values(0, 3) == 0.2485f);
  CHECK(face.values(1, 3) == 0.24305f);
  const Track kuchi = on_rig(track, rig_of("kuchi26"), file);
  CHECK(kuchi.values(0, 0) == 0.2485f);
  CHECK(kuchi.values.cols == 26);
}

TEST_CASE("read: FACEGOOD's 116 columns come onto its rig by name", "[curves]") {
  const auto data = shared("facegood");
  if (data.empty()) return;
  const auto file = data / "curves" / "bs_value_1114_3_15.npy";
  const Track track = read_track(file, {"auto", data / "curve_names.txt", 30});
  CHECK(track.format == "npy");
  REQUIRE(track.values.rows == 1472);
  CHECK(track.fps == Approx(30));
  const Track rig = on_rig(track, rig_of("facegood"), file);
  CHECK(rig.values.cols == 29);
  const auto all = io::read_npy<float>(file);
  const auto names = split(slurp(data / "curve_names.txt"), '\n');
  const auto stretch = std::find(names.begin(), names.end(), "mouth_stretch_c") - names.begin();
  for (int64_t t = 0; t < 1472; ++t) {
    REQUIRE(rig.values(t, 20) == all.values[static_cast<size_t>(t * 116 + stretch)]);
  }
}

TEST_CASE("read: repeated rows go, gaps stay, midnight passes", "[curves]") {
  Folder folder;
  const auto file = write(folder / "a.csv", timed({"23:59:59:20", "23:59:59:21", "23:59:59:21",
                                                   "23:59:59:25", "00:00:00:00", "00:00:00:01"}));
  const Track track = read_track(file);
  REQUIRE(track.values.rows == 5);
  CHECK(track.values(1, 0) == 0.1f);
  CHECK(track.values(2, 0) == 0.3f);  // the first of the repeated rows was kept
  const std::vector<double> frames = {0, 1, 5, 10, 11};
  for (size_t i = 0; i < 5; ++i) CHECK(track.times_s[i] == Approx(frames[i] / 30).margin(1e-9));
}

TEST_CASE("read: time that runs back is an error with its place", "[curves]") {
  Folder folder;
  const auto codes = write(folder / "clip7.csv",
                           timed({"00:00:01:28", "00:00:01:29", "00:00:01:26", "00:00:02:00"}));
  CHECK(refusal(codes) ==
        codes.string() + ":4:1: timecode runs back by 3 frames; cut the clip there or drop it");
  const auto seconds = write(folder / "t.csv", "x,time\n1,0.5\n2,0.25\n");
  CHECK(contains(refusal(seconds), "t.csv:3:3: time runs back by 0.25 s"));
}

TEST_CASE("read: every mistake in a table has file, line and column", "[curves]") {
  Folder folder;
  const auto told = [&](const std::string& text) { return refusal(write(folder / "a.csv", text)); };
  CHECK(contains(told("time,jawOpen\n0,1\n1\n"), "a.csv:3:1: this row has 1 cells, the header"));
  CHECK(contains(told("time,jawOpen\n0,1\n1,2,3\n"), "a.csv:3:1: this row has 3 cells"));
  CHECK(contains(told("time,jawOpen\n0,1\n1,x\n"), "a.csv:3:3: \"x\" is no number"));
  CHECK(contains(told("time,jawOpen\n0,1\n1,\n"), "a.csv:3:3: \"\" is no number"));
  CHECK(contains(told("time,jawOpen\n0,nan\n"), "a.csv:2:3: \"nan\" is no usable number"));
  CHECK(contains(told("time,jawOpen\n0,inf\n"), "a.csv:2:3: \"inf\" is no usable number"));
  CHECK(contains(told("time,jawOpen\n"), "no rows"));
  CHECK(contains(told("Timecode,jawOpen\n0:0:0:0,1\n0:0:x:0,1\n"), "a.csv:3:1: \"0:0:x:0\""));
  CHECK(contains(told("time,jawOpen,jawOpen\n0,1,2\n"), "a.csv:1:14: column \"jawOpen\" is there"));
  CHECK(contains(told("jawOpen,mouthClose\n0,1\n"), "(--in-fps"));
  CHECK(contains(told("time,jawOpen\n0,\"1\n"), "a.csv:2:3: this quote is never closed"));
  CHECK(contains(told("hello"), "is of no known curve format"));
  CHECK(contains(told("{\"a\": 1}"), "a JSON needs"));
  CHECK(
      contains(told(std::string("\xff\xfet\0i\0m\0e\0", 10)), "is UTF-16 text; save it as UTF-8"));
  CHECK(contains(told("time;jawOpen\n0,04;0,5\n"), ":2:1: \"0,04\" has a decimal comma"));
  CHECK(contains(told(""), "is an empty file"));
  CHECK(contains(refusal(folder / "none.csv"), "no such file"));
  CHECK(contains(refusal(folder.path()), "is a directory"));
  CHECK(contains(error_of(Exit::config,
                          [&] {
                            read_track(folder / "a.csv", {"cvs", {}, 0});
                          }),
                 "no such file") == false);
}

TEST_CASE("read: a format that is not known is a configuration mistake", "[curves]") {
  Folder folder;
  const auto file = write(folder / "a.csv", "time,x\n0,1\n");
  CHECK(contains(error_of(Exit::config,
                          [&] {
                            read_track(file, {"livelnk", {}, 0});
                          }),
                 "did you mean \"livelink\"?"));
  CHECK(readable_formats() ==
        std::vector<std::string>{"npy", "npz", "gltf", "a2f", "a2f-frames", "oculus", "vrm",
                                 "mpeg4", "rhubarb", "talkinghead", "azure55", "azure", "beat",
                                 "mediapipe", "a2f-csv", "livelink", "arkit", "csv"});
}

TEST_CASE("read: times in milliseconds, by frame number, or none", "[curves]") {
  Folder folder;
  const auto ms = read_track(write(folder / "ms.csv", "time_ms,jawOpen\n100,1\n140,0\n"));
  CHECK(ms.times_s[1] == Approx(0.04));
  const auto frames =
      read_track(write(folder / "f.csv", "frame,jawOpen\n7,1\n8,0\n10,0\n"), {"auto", {}, 25});
  CHECK(frames.times_s[2] == Approx(0.12));
  const auto none =
      read_track(write(folder / "n.csv", "jaw_open,Mouth Close\n0.5,1\n0,1\n"), {"auto", {}, 50});
  CHECK(none.times_s[1] == Approx(0.02));
  CHECK(none.format == "arkit");
  CHECK(none.values(0, 0) == 0.5f);
}

TEST_CASE("read: NPY needs names and a rate, and says so", "[curves]") {
  Folder folder;
  io::write_npy(folder / "a.npy", Matrix(3, 2, 0.5f));
  const auto names = write(folder / "names.txt", "jawOpen\r\nmouthClose\n\n");
  CHECK(contains(refusal(folder / "a.npy", {"auto", {}, 30}), "(--names"));
  CHECK(contains(refusal(folder / "a.npy", {"auto", names, 0}), "(--in-fps"));
  CHECK(contains(refusal(folder / "a.npy", {"auto", folder / "no.txt", 30}), "no.txt: no such"));
  CHECK(read_track(folder / "a.npy", {"auto", names, 30}).names[1] == "mouthClose");
  write(folder / "three.txt", "a\nb\nc\n");
  CHECK(contains(refusal(folder / "a.npy", {"auto", folder / "three.txt", 30}),
                 "has 3 names for the 2 columns"));
  write(folder / "twice.txt", "a\na\n");
  CHECK(contains(refusal(folder / "a.npy", {"auto", folder / "twice.txt", 30}), "twice.txt:2:1"));

  Matrix bad(3, 2, 0.5f);
  bad(1, 1) = std::nanf("");
  io::write_npy(folder / "nan.npy", bad);
  CHECK(contains(refusal(folder / "nan.npy", {"auto", names, 30}),
                 "row 2, curve \"mouthClose\" is NaN"));
  io::write_npy(folder / "empty.npy", Matrix(0, 2));
  CHECK(contains(refusal(folder / "empty.npy", {"auto", names, 30}), "no rows"));
}

TEST_CASE("read: Audio2Face JSON, and what is wrong with one", "[curves]") {
  Folder folder;
  const auto json = [&](const std::string& text) { return write(folder / "a.json", text); };
  const Track track = read_track(json(
      R"({"exportFps": 24, "trackPath": "x", "numPoses": 2, "numFrames": 2,
          "facsNames": ["jawOpen", "mouthClose"], "weightMat": [[0.25, 0], [1, 0.5]]})"));
  CHECK(track.format == "a2f");
  CHECK(track.fps == Approx(24));
  CHECK(track.values(1, 1) == 0.5f);
  const std::string head = R"({"exportFps": 24, "facsNames": ["jawOpen"], )";
  CHECK(contains(refusal(json(head + "\n\"weightMat\": [[0.1],]}")), "a.json:2:21: is no valid"));
  CHECK(contains(refusal(json(head + R"("weightMat": [[0.1, 2]]})")), "weightMat[0]"));
  CHECK(contains(refusal(json(head + R"("weightMat": [["a"]]})")), "no number"));
  CHECK(contains(refusal(json(head + R"("weightMat": [[1e99]]})")), "NaN or infinite"));
  CHECK(contains(refusal(json(head + R"("numFrames": 3, "weightMat": [[1]]})")), "promises 3"));
  CHECK(contains(refusal(json(head + R"("x": 1})")), "\"weightMat\" is missing"));
  CHECK(
      contains(refusal(json(R"({"exportFps": 0, "facsNames": [], "weightMat": []})")), "above 0"));
  CHECK(contains(refusal(json(head + std::string(100000, '['))), "no valid JSON"));
  // other tools' files in this form have no rate
  const auto bare = json(R"({"facsNames": ["jawOpen"], "weightMat": [[0], [1]]})");
  CHECK(contains(refusal(bare), "\"exportFps\" is missing"));
  CHECK(contains(refusal(bare), "--in-fps"));
  CHECK(read_track(bare, {"auto", {}, 60}).fps == Approx(60));
}

TEST_CASE("on_rig: a missing curve is named with the nearest there is", "[curves]") {
  Folder folder;
  const auto file = write(folder / "a.csv", "time,jawOpn,mouthClose\n0,1,0\n");
  const Track track = read_track(file);
  CHECK(contains(error_of(Exit::data, [&] { on_rig(track, rig_of("arkit"), file); }),
                 "curve \"eyeBlinkLeft\" of rig \"arkit\" is not in the file"));
  const Rig rig = parse_rig("name: r\ncurves: [jawOpen]\n", "r");
  CHECK(contains(error_of(Exit::data, [&] { on_rig(track, rig, file); }),
                 "curve \"jawOpen\" of rig \"r\" is not in the file; did you mean \"jawOpn\"?"));
}

TEST_CASE("on_rig: the exact spelling wins where two names differ in separators", "[curves]") {
  Folder folder;
  const auto file = write(folder / "a.csv", "time,tongue_X,tongue__X\n0,1,2\n");
  const Track track = read_track(file);
  const auto get = [&](const char* yaml) { return on_rig(track, parse_rig(yaml, "r"), file); };
  CHECK(get("name: r\ncurves: [tongue__X]\n").values(0, 0) == 2);
  CHECK(get("name: r\ncurves: [tongue_X]\n").values(0, 0) == 1);
  CHECK(
      contains(error_of(Exit::data, [&] { get("name: r\ncurves: [tonguex]\n"); }), "two columns"));
}

TEST_CASE("read: every malformed file is refused as curves too", "[curves]") {
  const auto data = shared("malformed");
  if (data.empty()) return;
  for (const auto& entry : fs::directory_iterator(data)) {
    auto all = readable_formats();
    all.insert(all.begin(), "auto");
    for (const auto& format : all) {
      INFO(entry.path() << " as " << format);
      CHECK(contains(refusal(entry.path(), {format, {}, 30}), entry.path().filename().string()));
    }
  }
}
