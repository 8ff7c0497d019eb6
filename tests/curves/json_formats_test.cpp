// Curve formats in JSON, and the CSV of the Audio2Face service: hand-written files, what is written
// reads back, and each mistake's message.
#include <cmath>
#include <nlohmann/json.hpp>

#include "audio/test_files.h"
#include "core/text.h"
#include "curves/arkit_names.h"
#include "curves/formats.h"
#include "curves/json_file.h"

namespace {
using namespace kuchi;
using namespace kuchi::test_files;
using namespace kuchi::curves;
using Json = nlohmann::json;

Rig rig_of(const std::string& name) {
  return load_rig(std::string(KUCHI_SOURCE_DIR) + "/configs/rigs/" + name + ".yaml");
}

/// A file of a text, under a name that is told in messages.
struct Written {
  Folder folder;
  fs::path json(const std::string& text) { return write(folder / "a.json", text); }
  std::string told(const std::string& text) {
    return error_of(Exit::data, [&] { read_track(json(text)); });
  }
  std::string told_as(const std::string& format, const std::string& text) {
    return error_of(Exit::data, [&] { read_track(json(text), {format, {}, 0}); });
  }
};

float value(const Track& track, const std::string& name, int64_t row) {
  const auto at = std::find(track.names.begin(), track.names.end(), name);
  REQUIRE(at != track.names.end());
  return track.values(row, at - track.names.begin());
}

Matrix wave(int64_t frames, int64_t columns) {
  Matrix m(frames, columns);
  for (int64_t t = 0; t < frames; ++t) {
    for (int64_t c = 0; c < columns; ++c) {
      m(t, c) = 0.5f + 0.4f * static_cast<float>(std::sin(0.1 * t + c));
    }
  }
  return m;
}
}  // namespace

TEST_CASE("a2f-frames: names and weights stand in each frame, also inside Facial", "[curves]") {
  Written files;
  const Track flat = read_track(files.json(
      R"({"exportFps": 25, "frames": [{"Names": ["JawOpen", "MouthClose"], "Weights": [0.5, 0]},
          {"Names": ["MouthClose", "JawOpen"], "Weights": [0.25, 1]}]})"));
  CHECK(flat.format == "a2f-frames");
  CHECK(flat.fps == Approx(25));
  CHECK(value(flat, "JawOpen", 1) == 1);  // by name: the second frame has another order
  CHECK(value(flat, "MouthClose", 1) == 0.25f);
  const Track nested = read_track(files.json(
      R"([{"Audio2Face": {"Body": {}, "Facial": {"Names": ["JawOpen"], "Weights": [0.5]}}, "time": 1},
          {"Audio2Face": {"Body": {}, "Facial": {"Names": ["JawOpen"], "Weights": [1]}}, "time": 1.5}])"));
  CHECK(nested.format == "a2f-frames");
  CHECK(nested.times_s == std::vector<double>{0, 0.5});
  const Track once = read_track(files.json(
      R"({"fps": 25, "Names": ["JawOpen", "A"], "Frames": [{"Weights": [1, 0]}, {"Weights": [0, 1]}]})"));
  CHECK(once.format == "a2f-frames");
  CHECK(value(once, "A", 1) == 1);
  const std::string head = R"({"exportFps": 25, "frames": [{"Names": ["JawOpen", "JawLeft"], )";
  CHECK(contains(files.told(head + R"("Weights": [1]}]})"),
                 "frames[0].Weights: has 1 numbers for 2 names"));
  CHECK(contains(files.told(R"([{"Names": ["A", "A"], "Weights": [1, 2]}])"),
                 "[0].Names[1]: \"A\" is there twice"));
  CHECK(contains(
      files.told(R"([{"Names": ["A"], "Weights": [1]}, {"Names": ["A"], "Weights": [1]}])"),
      "has no time and the file no rate"));
}

TEST_CASE("a2f-csv: index, timeCode and blendShapes.Name", "[curves]") {
  Folder folder;
  const auto file = write(folder / "a.csv",
                          ",timeCode,blendShapes.EyeBlinkLeft,blendShapes.JawOpen\n"
                          "0,0.0,0.1,0.5\n1,0.0333,0.2,0.25\n2,0.1,0.3,0\n");
  const Track track = read_track(file);
  CHECK(track.format == "a2f-csv");
  CHECK(track.names == std::vector<std::string>{"EyeBlinkLeft", "JawOpen"});
  CHECK(track.times_s[1] == Approx(0.0333));
  CHECK(track.values(1, 1) == 0.25f);
  write_track(folder / "b.csv", "a2f-csv", rig_of("arkit"), Matrix(2, 52), {30, "", false});
  CHECK(slurp(folder / "b.csv").starts_with(",timeCode,blendShapes.EyeBlinkLeft,"));
  CHECK(contains(error_of(Exit::data,
                          [&] {
                            read_track(write(folder / "c.csv",
                                             ",timeCode,blendShapes.JawOpen\n"
                                             "0,0,1\n1,x,1\n"));
                          }),
                 "c.csv:3:3: \"x\" is no number"));
}

TEST_CASE("beat: numbers may be strings, times are the frames' own", "[curves]") {
  Written files;
  const auto file = files.json(
      R"({"names": ["jawOpen", "mouthClose"], "frames": [
          {"weights": ["0.5", 0], "time": "0.0", "rotation": []},
          {"weights": [0.25, "1e-1"], "time": 0.02, "rotation": []}]})");
  const Track track = read_track(file);
  CHECK(track.format == "beat");
  CHECK(track.times_s[1] == Approx(0.02));
  CHECK(track.values(0, 0) == 0.5f);
  CHECK(track.values(1, 1) == 0.1f);
  // It has no tongue: a rig that has one gets it at rest, but no other curve.
  const Rig tongue = parse_rig("name: r\ncurves: [tongueOut, jawOpen]\n", "r");
  CHECK(on_rig(track, tongue, file).values(0, 0) == 0);
  CHECK(on_rig(track, tongue, file).values(0, 1) == 0.5f);
  const Rig jaw = parse_rig("name: r\ncurves: [jawLeft]\n", "r");
  CHECK(contains(error_of(Exit::data, [&] { on_rig(track, jaw, file); }), "\"jawLeft\" of rig"));

  const std::string head = R"({"names": ["a", "b"], "frames": [{"weights": [0, 0], "time": 0}, )";
  CHECK(contains(files.told(head + R"({"weights": [0, "x"], "time": 1}]})"),
                 "a.json: frames[1].weights[1]: is no number"));
  CHECK(contains(files.told(head + R"({"weights": [0, "nan"], "time": 1}]})"),
                 "frames[1].weights[1]: is no usable number"));
  CHECK(contains(files.told(head + R"({"weights": [0], "time": 1}]})"),
                 "frames[1].weights: has 1 numbers for 2 names"));
  CHECK(contains(files.told(head + R"({"weights": [0, 0]}]})"),
                 "frames[1]: some frames have a time and some have none"));
  CHECK(contains(files.told(head + R"({"weights": [0, 0], "time": 0}]})"),
                 "time of row 2 is not after"));
  CHECK(contains(files.told(head + R"({"time": 3}]})"), "frames[1]: has neither weights"));
  CHECK(contains(files.told(R"({"names": ["a", "a"], "frames": [{"weights": [0, 0]}]})"),
                 "names[1]: \"a\" is there twice"));
  CHECK(contains(files.told(R"({"names": [], "frames": [], "weights": 1})"), "has no rows"));
  CHECK(contains(files.told(R"({"names": ["a"], "frames": {}, "weights": 1})"),
                 "frames: a list [ ] is needed"));
}

TEST_CASE("mediapipe: every variant gives the same curves", "[curves]") {
  Written files;
  const char* variants[] = {
      R"({"version": 1, "fps": 25, "names": ["_neutral", "jawOpen"], "frames": [[0, 0.5], [0, 1]]})",
      R"({"fps": 25, "names": ["jawOpen", "_neutral"],
          "frames": [{"values": [0.5, 0]}, {"values": [1, 0]}]})",
      R"({"fps": 25, "frames": [{"blendshapes": {"_neutral": 0, "jawOpen": 0.5}},
                                {"blendshapes": {"jawOpen": 1, "_neutral": 0}}]})",
      R"({"frames": [{"timestamp_ms": 40, "blendshapes": {"_neutral": 0, "jawOpen": 0.5}},
                     {"timestamp_ms": 80, "blendshapes": {"_neutral": 0, "jawOpen": 1}}]})",
      R"([{"timestampMs": 0, "faceBlendshapes": [{"categories": [
             {"index": 0, "score": 0, "categoryName": "_neutral", "displayName": ""},
             {"index": 25, "score": 0.5, "categoryName": "jawOpen", "displayName": ""}]}]},
          {"timestampMs": 40, "faceBlendshapes": [{"categories": [
             {"index": 25, "score": 1, "categoryName": "jawOpen", "displayName": ""},
             {"index": 0, "score": 0, "categoryName": "_neutral", "displayName": ""}]}]}])"};
  for (const char* text : variants) {
    INFO(text);
    const Track track = read_track(files.json(text));
    CHECK(track.format == "mediapipe");
    CHECK(track.fps == Approx(25));
    REQUIRE(track.values.rows == 2);
    CHECK(value(track, "jawOpen", 0) == 0.5f);
    CHECK(value(track, "jawOpen", 1) == 1);
    CHECK(value(track, "_neutral", 1) == 0);
  }
  // A frame without a face is a gap.
  const Track gap = read_track(files.json(
      R"({"fps": 10, "frames": [{"blendshapes": {"jawOpen": 0.5}}, {"faceBlendshapes": []},
          {"blendshapes": {"jawOpen": 1}}]})"));
  CHECK(gap.times_s[1] == Approx(0.2));
  const std::string head = R"({"fps": 10, "frames": [{"blendshapes": {"jawOpen": 0.5, "x": 1}}, )";
  CHECK(contains(files.told(head + R"({"blendshapes": {"jawOpen": 1}}]})"),
                 "frames[1]: \"x\" is missing here"));
  CHECK(contains(files.told(head + R"({"blendshapes": {"jawOpen": 1, "x": 1, "y": 0}}]})"),
                 "frames[1]: \"y\" is not in the frames before"));
  CHECK(contains(files.told(head + R"({"blendshapes": {"jawOpen": 1, "jawOpen": 1}}]})"),
                 "the key \"jawOpen\" stands twice"));
  CHECK(contains(files.told(R"({"fps": 0, "frames": [{"blendshapes": {"a": 1}}]})"),
                 "fps: is no rate above 0"));
}

TEST_CASE("talkinghead: ARKit's curves that an animation does not name are at rest", "[curves]") {
  Written files;
  const auto file = files.json(R"({"name": "x", "dt": [20, 20], "vs": {"jawOpen": [0.25, 1]}})");
  const auto rig = rig_of("arkit");
  const Track full = on_rig(read_track(file), rig, file);
  REQUIRE(full.values.cols == rig.size());
  CHECK(value(full, "jawOpen", 0) == 0.25f);
  CHECK(value(full, "mouthClose", 1) == 0);
  CHECK(value(full, "tongueOut", 1) == 0);
  // Of names that are not ARKit's nobody knows what was left out.
  CHECK(read_track(files.json(R"({"dt": [20, 20], "vs": {"jaw": [0, 1]}})")).unheld.empty());
}

TEST_CASE("talkinghead: dt are steps; a value more than steps stands at their beginning",
          "[curves]") {
  Written files;
  const Track more = read_track(files.json(
      R"({"name": "x", "dt": [20, 30], "vs": {"jawOpen": [0, 0.5, 1], "a": [1, 1, 0]}})"));
  CHECK(more.format == "talkinghead");
  CHECK(more.times_s[1] == Approx(0.02));
  CHECK(more.times_s[2] == Approx(0.05));
  CHECK(value(more, "jawOpen", 1) == 0.5f);
  const Track same =
      read_track(files.json(R"({"name": "x", "dt": [20, 30], "vs": {"jawOpen": [0.5, 1]}})"));
  REQUIRE(same.values.rows == 2);
  CHECK(same.times_s[1] == Approx(0.03));
  CHECK(contains(files.told(R"({"dt": [20], "vs": {"a": [1], "b": [1, 2]}})"),
                 "vs.b: has 2 values, \"a\" has 1"));
  CHECK(contains(files.told(R"({"dt": [20, 20], "vs": {"a": [1]}})"),
                 "vs.a: has 1 values for 2 steps"));
  CHECK(contains(files.told(R"({"dt": [-20], "vs": {"a": [1]}})"), "dt[0]: is a step back"));
  CHECK(contains(files.told(R"({"dt": [0, 0], "vs": {"a": [1, 2, 3]}})"), "time of row 2"));
  CHECK(contains(files.told(R"({"dt": [[1, 2]], "vs": {"a": [1]}})"), "dt[0]: is no number"));
  CHECK(contains(files.told(R"({"dt": [1], "vs": {}})"), "vs: names no curve"));
}

TEST_CASE("azure: a real file by name and time", "[curves]") {
  const auto file = shared("formats/azure_blendshapes_mit.json");
  if (file.empty()) return;
  const Track track = read_track(file);
  CHECK(track.format == "azure");
  REQUIRE(track.values.rows == 415);
  CHECK(track.values.cols == 55);
  CHECK(track.fps == Approx(60));
  CHECK(value(track, "jawOpen", 0) == 0.375f);
  CHECK(value(track, "jawOpen", 1) == 0.381f);
  CHECK(value(track, "leftEyeRoll", 0) == -0.001f);
  const auto json = Json::parse(slurp(file));
  const Track face = on_rig(track, rig_of("arkit"), file);
  for (int64_t t = 0; t < face.values.rows; ++t) {
    for (size_t c = 0; c < kArkitNames.size(); ++c) {
      const auto& frame = json[static_cast<size_t>(t)]["blendshapes"];
      REQUIRE(face.values(t, static_cast<int64_t>(c)) ==
              frame.at(std::string(kArkitNames[c])).get<float>());
    }
  }
}

TEST_CASE("azure55: rows without names, from a frame on", "[curves]") {
  Written files;
  const auto row = [](double jaw) {
    Json out = Json::array();
    for (int i = 0; i < 55; ++i) out.push_back(i == 17 ? jaw : 0);
    return out;
  };
  const Json first = {{"FrameIndex", 0}, {"BlendShapes", Json::array({row(0.5), row(1)})}};
  const Json second = {{"FrameIndex", 4}, {"BlendShapes", Json::array({row(0.25)})}};
  const Track one = read_track(files.json(first.dump()));
  CHECK(one.format == "azure55");
  CHECK(one.fps == Approx(60));
  CHECK(value(one, "jawOpen", 1) == 1);
  const Track both = read_track(files.json(Json::array({first, second}).dump()));
  CHECK(both.times_s[2] == Approx(4.0 / 60));
  CHECK(contains(files.told(Json::array({second, first}).dump()), "time of row 2"));
  CHECK(contains(files.told(R"({"FrameIndex": -1, "BlendShapes": []})"), "FrameIndex: -1 is not"));
  CHECK(contains(files.told(R"({"FrameIndex": 1e300, "BlendShapes": []})"),
                 "FrameIndex: is no whole number"));
  CHECK(contains(files.told(R"({"FrameIndex": 18446744073709551615, "BlendShapes": []})"),
                 "is not from 0"));
  CHECK(contains(files.told(R"({"FrameIndex": 0, "BlendShapes": [[1, 2]]})"),
                 "BlendShapes[0]: has 2 values, 55 are needed"));
  CHECK(contains(error_of(Exit::config,
                          [&] {
                            write_track(files.folder / "b", "azure55", rig_of("arkit"),
                                        Matrix(2, 52), {30, "", false});
                          }),
                 "give --fps 60"));
}

TEST_CASE("json formats: a tool's mistakes are one sentence, whatever the format", "[curves]") {
  Written files;
  for (const char* format : {"gltf", "a2f", "a2f-frames", "oculus", "vrm", "mpeg4", "rhubarb",
                             "talkinghead", "azure55", "azure", "beat", "mediapipe"}) {
    for (const std::string& text :
         {std::string("[]"), std::string("{}"), std::string("null"), std::string("3"),
          std::string("[[[]]]"), std::string("{\"frames\": [1e999]}"),
          std::string("{\"frames\": [null]}"), std::string("{\"a\":1,\"a\":1}"),
          std::string("\xff\xfe{}"), std::string(100000, '['),
          std::string(100000, '[') + std::string(100000, ']'),
          std::string("{\"frames\":") + std::string(100000, '{')}) {
      INFO(format << ": " << text.substr(0, 40));
      const auto told = files.told_as(format, text);
      CHECK(contains(told, "a.json"));
      CHECK(!contains(told, "WRONG EXIT"));
      CHECK(std::count(told.begin(), told.end(), '\n') == 0);
    }
  }
  CHECK(contains(files.told_as("beat", "{\n \"a\": ]"), "a.json:2:7: is no valid JSON"));
}

TEST_CASE("json formats: the provenance rides along and other keys of that name do no harm",
          "[curves]") {
  Folder folder;
  WriteOptions options{60, "a \"b\".wav", false, {"set", "CC0", "all", "研究", "marked"}};
  for (const char* format : {"beat", "mediapipe", "talkinghead", "azure55", "gltf"}) {
    INFO(format);
    const auto file = folder / format;
    write_track(file, format, rig_of("arkit"), wave(5, 52), options);
    CHECK(Json::accept(slurp(file)));
    CHECK(read_track(file).provenance == options.provenance);
  }
  const auto odd =
      write(folder / "odd.json", R"({"provenance": 3, "dt": [20], "vs": {"jawOpen": [0, 1]}})");
  CHECK(read_track(odd).provenance == Provenance{});
}

TEST_CASE("json formats: names and counts are those of the formats", "[curves]") {
  Folder folder;
  const auto written = [&](const std::string& format) {
    const auto file = folder / format;
    write_track(file, format, rig_of("arkit"), wave(3, 52), {60, "", false});
    return Json::parse(slurp(file));
  };
  const auto beat = written("beat");
  CHECK(beat.at("names").size() == 51);
  CHECK(beat.at("names")[0] == "browDownLeft");
  CHECK(beat.at("frames")[1].at("time") == 1.0 / 60);
  CHECK(beat.at("frames")[2].at("weights").size() == 51);
  const auto mediapipe = written("mediapipe");
  CHECK(mediapipe.at("names").size() == 52);
  CHECK(mediapipe.at("names")[0] == "_neutral");
  CHECK(mediapipe.at("fps") == 60);
  const auto talking = written("talkinghead");
  CHECK(talking.at("dt").size() == 2);
  CHECK(talking.at("vs").at("jawOpen").size() == 3);
  CHECK(written("azure")[2].at("blendshapes").size() == 55);
  CHECK(written("azure55").at("BlendShapes")[0].size() == 55);
}

TEST_CASE("azure: a frame with an empty map is a gap, before the first face too", "[curves]") {
  Written files;
  const Track track = read_track(files.json(
      R"([{"time": 0, "blendshapes": {}}, {"time": 1, "blendshapes": {"jawOpen": 0.5}},
          {"time": 1.5, "blendshapes": {}}, {"time": 2, "blendshapes": {"jawOpen": 1}}])"));
  CHECK(track.values.rows == 2);
  REQUIRE(track.values.data.size() == 2);
  CHECK(track.times_s == std::vector<double>{0, 1});
  CHECK(value(track, "jawOpen", 1) == 1);
}

TEST_CASE("talkinghead: lists of unlike lengths are refused before there is room for them",
          "[curves]") {
  Written files;
  Json document = {{"dt", Json::array()}, {"vs", {{"a", Json::array()}}}};
  for (int i = 0; i < 50000; ++i) {
    document["dt"].push_back(33);
    document["vs"]["a"].push_back(0);
    document["vs"][cat("b", i)] = Json::array();  // with the first as many numbers as 10 GB hold
  }
  CHECK(contains(files.told(document.dump()), "has 0 values, \"a\" has 50000"));
}

TEST_CASE("curves: times that go on for weeks are told, whatever the format", "[curves]") {
  Written files;
  const auto told = files.told(
      R"([{"time": 0, "blendshapes": {"jawOpen": 0}}, {"time": 1e30, "blendshapes": {"jawOpen": 1}}])");
  CHECK(contains(told, "are its times seconds?"));
}

TEST_CASE("a2f: a deeply nested number of frames is refused, not followed", "[curves]") {
  Written files;
  const std::string deep = std::string(200000, '[') + std::string(200000, ']');
  CHECK(contains(files.told(R"({"exportFps": 30, "facsNames": ["jawOpen"], "weightMat": [[0]],)"
                            R"( "numFrames": )" +
                            deep + "}"),
                 "promises no number of frames"));
}
