#include "data/prepare.h"

#include <sys/wait.h>

#include <csignal>
#include <nlohmann/json.hpp>
#include <thread>

#include "catch.h"
#include "core/log.h"
#include "data/fixture.h"
#include "data/make_clip.h"

using namespace kuchi;
using namespace kuchi::data;
namespace fs = std::filesystem;
using test::caught;
using test::SmallSet;

namespace {

PrepareReport run(const SmallSet& set, PrepareOptions options = {}) {
  options.force = true;
  return prepare(load_recipe(set.file()), {}, options, set.store());
}

std::vector<std::string> ids(const PrepareReport& report) {
  std::vector<std::string> out;
  for (const auto& clip : report.clips) out.push_back(clip.clip.id);
  return out;
}

// Why this one clip is skipped; the others must be there.
std::string why(const SmallSet& set, const std::string& id) {
  const auto report = run(set);
  CHECK(ids(report) == std::vector<std::string>{"a", "b", "c"});
  REQUIRE(report.skipped.size() == 1);
  CHECK(report.skipped[0].id == id);
  PrepareOptions strict;
  strict.strict = true;
  const auto e = caught([&] { run(set, strict); });
  CHECK(e.code == 3);
  CHECK(e.text == report.skipped[0].why);
  CHECK(e.text.find('\n') == std::string::npos);
  return report.skipped[0].why;
}

bool contains(const std::string& text, const std::string& part) {
  INFO(text);
  const bool found = text.find(part) != std::string::npos;
  CHECK(found);
  return found;
}

}  // namespace

TEST_CASE("prepare: features, curves and audio of every clip stand in the store", "[data]") {
  const SmallSet set;
  const auto report = run(set);
  CHECK(ids(report) == std::vector<std::string>{"a", "b", "c"});
  CHECK(report.skipped.empty());
  const Store store = Store::open(set.store());
  CHECK_NOTHROW(store.verify());
  CHECK(store.info().hash == report.store.hash);
  CHECK(store.info().rig.name == "two");
  for (int64_t i = 0; i < 3; ++i) {
    const auto samples = 48000 + (i + 1) * 1600;
    const auto audio = test::tone(samples, static_cast<uint64_t>(i + 1));
    const auto frames = features::frame_count(samples, 30);
    CHECK(store.info().clips[static_cast<size_t>(i)].frames == frames);
    CHECK(store.read_audio(i) == audio);
    CHECK(store.read_features(i).data == features::compute({}, audio, 30, frames).data);
    const Matrix wave = test::waves(frames, 3, static_cast<uint64_t>(i + 1));
    const Matrix curves = store.read_curves(i);
    for (int64_t r = 0; r < frames; ++r) {  // names.txt: side, other, open
      REQUIRE(curves(r, 0) == wave(r, 2));
      REQUIRE(curves(r, 1) == wave(r, 0));
    }
  }
}

TEST_CASE("prepare: the number of threads changes nothing", "[data]") {
  const SmallSet set({"a", "b", "c", "d", "e", "f", "g"});
  PrepareOptions one, three;
  one.threads = 1;
  three.threads = 3;
  const std::string hash = run(set, one).store.hash;
  CHECK(run(set, three).store.hash == hash);
}

TEST_CASE("prepare: nothing is overwritten unasked", "[data]") {
  const SmallSet set;
  run(set);
  const auto e = caught([&] { prepare(load_recipe(set.file()), {}, {}, set.store()); });
  CHECK(e.code == 2);
  CHECK(e.has("exists already"));
}

TEST_CASE("prepare: one bad clip is skipped with one clear reason, or stops when strict",
          "[data]") {
  SmallSet set;
  SECTION("a WAV that is none") {
    set.add("x", 48000, 9);
    test::write(set.dir / "wav/x.wav", "RIFF but no more");
    contains(why(set, "x"), "x.wav");
  }
  SECTION("an empty WAV") {
    set.add("x", 48000, 9);
    test::write(set.dir / "wav/x.wav", "");
    contains(why(set, "x"), "x.wav");
  }
  SECTION("NaN in a curve") {
    set.add("x", 48000, 9);
    Matrix curves = test::waves(90, 3, 9);
    curves(40, 0) = std::nanf("");
    io::write_npy(set.dir / "curves/x.npy", curves);
    contains(why(set, "x"), "x.npy");
  }
  SECTION("curves of no frame") {
    set.add("x", 48000, 9);
    io::write_npy(set.dir / "curves/x.npy", Matrix(0, 3));
    contains(why(set, "x"), "x.npy");
  }
  SECTION("audio shorter than a frame") {
    set.add("x", 48000, 9);
    audio::write_wav(set.dir / "wav/x.wav", test::tone(500, 1));
    io::write_npy(set.dir / "curves/x.npy", Matrix(1, 3));
    contains(why(set, "x"), "less than one frame");
  }
  SECTION("curves 10 % shorter than a long clip") {
    set.add("x", 480000, 9, 0.9);
    const auto text = why(set, "x");
    contains(text, "the curves last 27 s");
    contains(text, "30 s");
  }
  SECTION("curves 10 % shorter than a short clip") {
    set.add("x", 48000, 9, 0.9);
    contains(why(set, "x"), "the curves last 2.7 s");
  }
  SECTION("values of another unit") {
    set.add("x", 48000, 9);
    Matrix curves = test::waves(90, 3, 9);
    for (auto& v : curves.data) v *= 100;
    io::write_npy(set.dir / "curves/x.npy", curves);
    contains(why(set, "x"), "outside the ranges of rig two");
  }
  SECTION("curves missing") {
    set.add("x", 48000, 9);
    fs::remove(set.dir / "curves/x.npy");
    contains(why(set, "x"), "curves/x.npy is not there");
  }
}

TEST_CASE("prepare: a few values outside the range are clamped and counted", "[data]") {
  SmallSet set;
  Matrix curves = test::waves(93, 3, 1);
  curves(10, 2) = 1.2F;
  curves(11, 2) = 1.0005F;  // rounding: clamped, not counted
  curves(12, 0) = -1.5F;
  io::write_npy(set.dir / "curves/a.npy", curves);
  const auto report = run(set);
  CHECK(report.clips[0].clamped == 2);
  CHECK(report.clips[1].clamped == 0);
  const Store store = Store::open(set.store());
  CHECK(store.read_curves(0)(10, 0) == 1);
  CHECK(store.read_curves(0)(11, 0) == 1);
  CHECK(store.read_curves(0)(12, 1) == -1);
}

TEST_CASE("prepare: small differences of length leave the common part", "[data]") {
  SmallSet set;
  set.add("long", 480000, 7, 0.99);  // 8.9 s of 9 and more: 297 of 300 frames a 10 s
  set.add("more", 480000, 8, 1.01);
  const auto report = run(set);
  CHECK(report.skipped.empty());
  const auto at = [&](const std::string& id) {
    return report.store.clips[static_cast<size_t>(report.store.clip_index(id))].frames;
  };
  CHECK(at("long") == 891);
  CHECK(at("more") == 900);
}

TEST_CASE("prepare: no clip left, no store", "[data]") {
  SmallSet set({"a"});
  test::write(set.dir / "wav/a.wav", "no sound");
  const auto e = caught([&] { run(set); });
  CHECK(e.code == 3);
  CHECK(e.has("no clip is left"));
  CHECK(e.has("a.wav"));
  CHECK_FALSE(fs::exists(set.store()));
}

TEST_CASE("prepare: a curve that is in no file, a rig that is nowhere", "[data]") {
  SmallSet set;
  test::write(set.dir / "names.txt", "side\nother\nopne\n");
  auto e = caught([&] { run(set); });
  CHECK(e.code == 3);
  CHECK(e.has("open"));
  CHECK(e.has("opne"));
  set.recipe("consent: x\n");
  test::write(set.file(), "fps: 30\nrig: nowhere\nclips: {audio: \"wav/{id}.wav\", curves: c}\n");
  e = caught([&] { run(set); });
  CHECK(e.code == 2);
  CHECK(e.has("nowhere"));
}

TEST_CASE("prepare: a names file that is missing is told once", "[data]") {
  SmallSet set;
  fs::remove(set.dir / "names.txt");
  const auto e = caught([&] { run(set); });
  CHECK(e.code == 3);
  CHECK(e.has("names.txt"));
  CHECK(e.has("clips.names"));
}

TEST_CASE("prepare: only the speakers asked for", "[data]") {
  SmallSet set({"anna/1", "anna/2", "ben/1"});
  test::write(set.file(),
              "fps: 30\nrig: two.yaml\nclips: {audio: \"wav/{speaker}/{id}.wav\", "
              "curves: \"curves/{speaker}/{id}.npy\", names: names.txt}\nsplit: {by: speaker}\n");
  CHECK(ids(run(set)) == std::vector<std::string>{"anna_1", "anna_2", "ben_1"});
  PrepareOptions options;
  options.speakers = {"ben"};
  CHECK(ids(run(set, options)).size() == 1);
  options.speakers = {"bem"};
  const auto e = caught([&] { run(set, options); });
  CHECK(e.code == 2);
  CHECK(e.has("did you mean \"ben\"?"));
}

TEST_CASE("prepare: a listed clip may be bad, but must exist", "[data]") {
  SmallSet set({"a", "b", "c", "d"});
  test::write(set.dir / "wav/d.wav", "no sound");
  set.recipe("split: {by: list, valid: [b], test: [c, d]}\n");
  const auto report = run(set);
  CHECK(report.skipped.size() == 1);
  CHECK(report.clips[1].split() == "valid");
  CHECK(report.clips[2].split() == "test");
  CHECK(split_store(Store::open(set.store()).info()).size() == 3);
  set.recipe("split: {by: list, valid: [b], test: [e]}\n");
  CHECK(caught([&] { run(set); }).code == 2);
}

TEST_CASE("prepare: the rate is the files' own where the recipe says timecode", "[data]") {
  SmallSet set(std::vector<std::string>{});
  for (const char* id : {"a", "b"}) {
    std::string csv = "time,open,side\n";
    for (int row = 0; row < 180; ++row)
      csv += cat(row / 59.904, ",0.5,", row % 2 == 0 ? 0 : 0.1, "\n");
    test::write(set.dir / cat("curves/", id, ".csv"), csv);
    fs::create_directories(set.dir / "wav");
    audio::write_wav(set.dir / cat("wav/", id, ".wav"), test::tone(48000, 1));
  }
  test::write(set.file(),
              "fps: timecode\nrig: two.yaml\n"
              "clips: {audio: \"wav/{id}.wav\", curves: \"curves/{id}.csv\"}\n");
  const auto report = run(set);
  CHECK(report.store.fps == 60);
  CHECK(report.store.clips[0].frames == 180);
  CHECK(nominal_fps(59.94) == Approx(60000.0 / 1001));
  CHECK(nominal_fps(29.97) == Approx(30000.0 / 1001));
  CHECK(nominal_fps(30.02) == 30);
  CHECK(nominal_fps(25) == 25);
}

TEST_CASE("prepare: rows that repeat a time are counted in the report", "[data]") {
  SmallSet set(std::vector<std::string>{});
  std::string csv = "time,open,side\n";
  for (int row = 0; row < 90; ++row) {
    for (int times = 0; times < (row % 30 == 7 ? 2 : 1); ++times) {
      csv += cat(row / 30.0, ",0.5,", row % 2 == 0 ? 0 : 0.1, "\n");
    }
  }
  test::write(set.dir / "curves/a.csv", csv);
  fs::create_directories(set.dir / "wav");
  audio::write_wav(set.dir / "wav/a.wav", test::tone(48000, 1));
  test::write(set.file(),
              "fps: 30\nrig: two.yaml\n"
              "clips: {audio: \"wav/{id}.wav\", curves: \"curves/{id}.csv\"}\n");
  const auto report = run(set);
  REQUIRE(report.clips.size() == 1);
  CHECK(report.clips[0].capture.repeated == 3);
  CHECK(to_json(report)["clips"][0]["repeated_rows"] == 3);
  CHECK(contains(to_text(report), "3 repeated rows left out"));
}

TEST_CASE("prepare: the report is the contract's JSON", "[data]") {
  SmallSet set;
  set.add("x", 48000, 9, 0.5);
  const auto json = to_json(run(set));
  CHECK(json["rig"] == "two");
  CHECK(json["curves"] == 2);
  CHECK(json["features"] == features::signature({}));
  REQUIRE(json["clips"].size() == 3);
  CHECK(json["clips"][0]["id"] == "a");
  CHECK(json["clips"][0]["frames"] == 93);
  CHECK(json["clips"][0]["fps"] == 30);
  CHECK(json["clips"][0]["seconds"].get<double>() == Approx(3.1));
  CHECK(json["clips"][0]["split"].is_string());
  CHECK(json["clips"][0]["lag_ms"].is_number());
  CHECK(json["clips"][0]["confidence"].get<double>() < 0.9);  // noise beside noise
  CHECK(json["clips"][0]["drift_ppm"].is_null());             // of three seconds nothing is said
  CHECK(json["clips"][0]["rows"] == 93);
  CHECK(json["clips"][0]["coverage"].get<double>() == Approx(1));
  REQUIRE(json["skipped"].size() == 1);
  CHECK(json["skipped"][0]["id"] == "x");
  CHECK(json["skipped"][0]["why"].is_string());
  CHECK_NOTHROW(json.dump());
  CHECK(to_text(run(set)).find("skipped 1:") != std::string::npos);
}

TEST_CASE("prepare: the key changes with files and options", "[data]") {
  SmallSet set;
  const auto key = [&](const features::Options& options = {}) {
    return prepare_key(load_recipe(set.file()), options, {});
  };
  const auto before = key();
  CHECK(key() == before);
  CHECK(key({"logmel", 5}) != before);
  set.add("x", 48000, 9);
  CHECK(key() != before);
}

TEST_CASE("prepare: the key changes with the clock that a take.json beside the sound tells",
          "[data]") {
  SmallSet set;
  const auto key = [&] { return prepare_key(load_recipe(set.file()), {}, {}); };
  const auto without = key();
  test::write(set.dir / "wav/take.json", "{\"startTimecode\": \"01:00:00:00\"}");
  const auto with = key();
  CHECK(with != without);
  test::write(set.dir / "wav/take.json", "{\"startTimecode\": \"01:00:00:15.000\"}");
  CHECK(key() != with);
  fs::remove(set.dir / "wav/take.json");
  CHECK(key() == without);
}

TEST_CASE("prepare: killed in the middle, nothing half-written has the name", "[data]") {
  std::vector<std::string> many;
  for (int i = 0; i < 60; ++i) many.push_back(cat("clip", i));
  const SmallSet set(many);
  int killed = 0;
  for (int delay_ms = 2; delay_ms <= 256; delay_ms *= 2) {
    fs::remove(set.store());
    const pid_t child = fork();
    if (child == 0) {
      set_quiet(true);
      PrepareOptions options;
      options.threads = 1;
      prepare(load_recipe(set.file()), {}, options, set.store());
      _exit(0);
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(delay_ms));
    kill(child, SIGKILL);
    int status = 0;
    waitpid(child, &status, 0);
    if (WIFSIGNALED(status)) ++killed;
    if (fs::exists(set.store())) CHECK_NOTHROW(Store::open(set.store()).verify());
  }
  CHECK(killed > 0);
  CHECK(run(set).clips.size() == 60);
}

TEST_CASE("prepare: the five clips of facegood, as their README says", "[data][slow]") {
  const char* given = std::getenv("KUCHI_SHARED");
  PrepareOptions options;
  options.root =
      std::string(given != nullptr ? given : KUCHI_SOURCE_DIR "/../shared/data") + "/facegood";
  if (!fs::exists(options.root)) {
    WARN("skipped: no shared data (" << options.root.string() << ")");
    return;
  }
  const test::TempDir dir;
  const auto recipe = load_recipe(KUCHI_SOURCE_DIR "/datasets/facegood.yaml");
  const auto report = prepare(recipe, {}, options, dir / "f.h5");
  CHECK(ids(report) == std::vector<std::string>{"2_01", "2_02", "2_03", "2_04", "3_15"});
  CHECK(report.skipped.empty());
  CHECK(report.store.rig.size() == 29);
  CHECK(report.clips[0].split() == "train+valid+test");
  const Store store = Store::open(dir / "f.h5");
  CHECK_NOTHROW(store.verify());
  for (int64_t i = 0; i < 5; ++i) {
    const auto& clip = store.info().clips[static_cast<size_t>(i)];
    const auto raw =
        io::read_npy_matrix(options.root / ("curves/bs_value_1114_" + clip.id + ".npy"));
    CHECK(clip.frames == raw.rows);
    const auto names = split(io::read_text(options.root / "curve_names.txt"), '\n');
    const auto jaw = std::find(names.begin(), names.end(), "mouth_stretch_c") - names.begin();
    const auto at = store.info().rig.index("mouth_stretch_c");
    const Matrix curves = store.read_curves(i);
    for (int64_t r = 0; r < raw.rows; r += 100) CHECK(curves(r, at) == raw(r, jaw));
  }
}
