// A real capture through every curve format and back, as a user converts it.
#include <cmath>
#include <sstream>

#include "curves/track.h"
#include "curves/visemes.h"
#include "program.h"

using namespace kuchi;
using namespace kuchi::test;

namespace {

std::string file_of(const std::string& format) {
  if (format == "gltf") return "a.glb";
  return format + curves::usual_ending(format);
}

/// The largest difference of a curve that both files have, by name, over all frames; `clamped`:
/// what of the first is beyond [0, 1], as tracking has it now and then, need not be in the second.
double apart(const curves::Track& a, const curves::Track& b, const std::string& name,
             bool clamped) {
  const auto column = [&](const curves::Track& track) {
    const auto at = std::find_if(track.names.begin(), track.names.end(), [&](const auto& other) {
      return plain_name(other) == plain_name(name);
    });
    REQUIRE(at != track.names.end());
    return at - track.names.begin();
  };
  const auto in_a = column(a), in_b = column(b);
  double worst = 0;
  for (int64_t t = 0; t < a.values.rows; ++t) {
    const double was = a.values(t, in_a), is = b.values(t, in_b);
    worst = std::max(worst, std::abs((clamped ? std::clamp(was, 0.0, 1.0) : was) - is));
  }
  return worst;
}

/// 20 s of speech from a real capture, which the public files have.
void cut_capture(const fs::path& to) {
  std::ifstream in(shared("formats/livelink_30fps_mit.csv"));
  std::string text, line;
  for (int i = 0; i < 2400 && std::getline(in, line); ++i) {
    if (i == 0 || i >= 1800) text += line + "\n";
  }
  write(to, text);
}

/// A capture at 60 frames a second and what every format makes of it, in one folder.
struct Converted {
  TempDir dir;
  std::string at(const std::string& name) const { return (dir / name).string(); }
  Converted() {
    cut_capture(dir / "capture.csv");
    must({"convert", at("capture.csv"), "--out", at("start.csv"), "--to", "csv", "--fps", "60",
          "-q"});
    for (const auto& format : curves::writable_formats()) {
      must({"convert", at("start.csv"), "--out", at(file_of(format)), "--to", format, "-q"});
    }
  }
};

}  // namespace

TEST_CASE("cli: a real capture survives every format that holds its curves", "[cli][slow]") {
  NEEDS_PROGRAM();
  NEEDS_SHARED();
  const Converted made;
  const auto start = curves::read_track(made.at("start.csv"));
  REQUIRE(start.values.rows > 1100);
  for (const auto& format : curves::writable_formats()) {
    INFO(format);
    const auto file = made.at(file_of(format));
    const auto seen = must({"inspect", file, "--fps", "60", "--json", "-"}).json();
    CHECK(seen.at("kind") == "curves");
    CHECK((seen.at("format") == format || seen.at("format") == "arkit"));
    if (format == "npy") continue;  // names and rate are not in it
    std::vector<std::string> back = {"convert", file,    "--out", made.at("back.csv"), "--to",
                                     "csv",     "--fps", "60",    "--force",           "-q"};
    must(back);
    const auto track = curves::read_track(made.at("back.csv"));
    if (curves::find_viseme_set(format) != nullptr) {
      CHECK(seen.at("visemes") == format);
      CHECK(apart(start, track, "jawOpen", true) < 1);  // a mouth, if not this one
      continue;
    }
    CHECK(seen.at("fps").get<double>() == Approx(60).epsilon(1e-4));
    REQUIRE(track.values.rows == start.values.rows);
    for (const auto& name : start.names) {
      const bool held = !(name == "tongueOut" && (format == "beat" || format == "mediapipe"));
      INFO(name);
      // Live Link's timecodes have three digits of a frame, so its rows are taken anew by time.
      const bool clamped = format != "csv" && format != "gltf" && format != "npz";
      if (held) CHECK(apart(start, track, name, clamped) <= (format == "livelink" ? 2e-3 : 0));
    }
  }
}

TEST_CASE("cli: readers that are not ours open what is written", "[cli][slow]") {
  NEEDS_PROGRAM();
  NEEDS_SHARED();
  const Converted made;
  const auto ran = python({source("tests/cli/read_formats.py").string(), made.dir.path.string()});
  if (ran.code == -1) {
    WARN("skipped: no Python of the tests; scripts/setup.sh --test-tools");
    return;
  }
  INFO(ran.err);
  REQUIRE(ran.code == 0);
  const auto start = curves::read_track(made.at("start.csv"));
  const auto jaw =
      std::find(start.names.begin(), start.names.end(), "jawOpen") - start.names.begin();
  const auto found = ran.json();
  for (const char* format :
       {"glb", "npz", "beat", "mediapipe", "azure", "azure55", "talkinghead", "a2f", "a2f-csv"}) {
    for (int64_t t = 0; t < 5; ++t) {
      INFO(format << " " << t);
      CHECK(found.at(format)[static_cast<size_t>(t)].get<float>() == start.values(t, jaw));
    }
  }
  CHECK(found.at("visemes") == 15);
  CHECK(found.at("cues").get<int>() > 10);
}

TEST_CASE("cli: the ending chooses a format, and what is lost of the provenance is said", "[cli]") {
  NEEDS_PROGRAM();
  TempDir dir;
  const auto at = [&](const std::string& name) { return (dir / name).string(); };
  write(dir / "a.json",
        R"({"provenance": {"data": "set"}, "exportFps": 30, "facsNames": ["jawOpen"],
            "weightMat": [[0], [0.6], [0.6], [0.6], [0]]})");
  write(dir / "r.yaml", "name: r\ncurves: [jawOpen]\n");
  const auto convert = [&](const std::string& out, const std::string& to) {
    std::vector<std::string> line = {"convert", at("a.json"), "--out",
                                     at(out),   "--rig",      at("r.yaml")};
    if (!to.empty()) line.insert(line.end(), {"--to", to});
    const auto ran = call(line);
    INFO(ran.err);
    REQUIRE(ran.code == 0);
    return ran.err;
  };
  const auto format = [&](const std::string& name) {
    return must({"inspect", at(name), "--json", "-"}).json().at("format").get<std::string>();
  };
  CHECK(convert("b.gltf", "").empty());
  CHECK(convert("b.glb", "").empty());
  CHECK(has(convert("b.tsv", ""), "no place for the provenance"));
  CHECK(convert("b.npz", "").empty());
  CHECK(convert("b.json", "oculus").empty());
  CHECK(has(convert("v.csv", "oculus"), "no place for the provenance"));
  CHECK(format("b.gltf") == "gltf");
  CHECK(format("b.glb") == "gltf");
  CHECK(format("b.npz") == "npz");
  CHECK(must({"inspect", at("b.npz"), "--json", "-"}).json().at("provenance").at("data") == "set");
  CHECK(format("b.tsv") == "rhubarb");
  CHECK(format("b.json") == "oculus");
  CHECK(format("v.csv") == "oculus");
  CHECK(content(dir / "b.glb").starts_with("glTF"));
  CHECK(must({"inspect", at("b.glb"), "--json", "-"}).json().at("provenance").at("data") == "set");
  const auto refused = call(
      {"convert", at("a.json"), "--out", at("c.json"), "--to", "azure55", "--rig", at("r.yaml")});
  CHECK(refused.code == 2);
  CHECK(refused.one_sentence());
}

TEST_CASE("cli: inspect says when the times are not the file's own", "[cli]") {
  NEEDS_PROGRAM();
  TempDir dir;
  write(dir / "a.json",
        R"({"names": ["jawOpen"], "frames": [{"weights": [0]}, {"weights": [1]}]})");
  write(dir / "b.json", R"({"names": ["jawOpen"], "fps": 25, "frames": [[0], [1]]})");
  const auto seen = [&](const char* name) {
    return must({"inspect", (dir / name).string(), "--fps", "60", "--json", "-"}).json();
  };
  CHECK(seen("a.json").at("fps") == 60);
  CHECK(has(seen("a.json").at("note"), "has no times: taken at 60"));
  CHECK(seen("b.json").at("fps") == 25);
  CHECK_FALSE(seen("b.json").contains("note"));
}

TEST_CASE("cli: broken curve files end with 3 and one sentence", "[cli]") {
  NEEDS_PROGRAM();
  TempDir dir;
  const std::pair<const char*, const char*> files[] = {
      {"a.glb", "glTF\2\0\0\0"},
      {"a.gltf", R"({"asset": {"version": "2.0"}, "animations": [{"channels": 3}]})"},
      {"b.json", R"({"names": ["a"], "frames": [{"weights": [1, 2]}]})"},
      {"c.json", R"({"dt": [1e999], "vs": {}})"},
      {"d.tsv", "0.0\tX\n-1\tA\n"},
      {"e.json", R"({"visemes": "oculus", "fps": 30, "names": ["QQ"], "frames": [[1]]})"},
      {"f.json", "{\"mouthCues\": [{\"start\": 0, \"end\": 1e9, \"value\": \"A\"}]}"}};
  for (const auto& [name, text] : files) {
    write(dir / name, text);
    const auto ran = call({"inspect", (dir / name).string()});
    INFO(name << ": " << ran.err);
    CHECK(ran.code == 3);
    CHECK(ran.one_sentence());
    CHECK(has(ran.err, name));
  }
}
