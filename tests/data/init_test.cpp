#include <nlohmann/json.hpp>
#include <set>

#include "catch.h"
#include "data/guess_paths.h"
#include "data/guess_rig.h"
#include "data/init_recipe.h"
#include "data/prepare.h"
#include "data/trees.h"

using namespace kuchi;
using namespace kuchi::data;
namespace fs = std::filesystem;
using test::caught;
using test::has;
using test::TempDir;

namespace {

/// The recipe that init writes for a folder, read back, and the store that it gives.
struct Made {
  InitReport guess;
  Recipe recipe;
  PrepareReport store;
  std::set<std::string> labels(const std::string& name) const {
    std::set<std::string> out;
    for (const auto& clip : store.clips) {
      const auto label = clip.clip.labels.find(name);
      if (label != clip.clip.labels.end()) out.insert(label->second);
    }
    return out;
  }
};

Made make(const TempDir& dir) {
  Made made;
  made.guess = guess_recipe(dir.path);
  write_recipe(made.guess, false);
  made.recipe = load_recipe(made.guess.recipe);
  made.store = prepare(made.recipe, {}, {}, dir.path.string() + ".h5");
  fs::remove(dir.path.string() + ".h5");
  INFO(made.guess.recipe_text);
  INFO((made.store.skipped.empty() ? "" : made.store.skipped[0].why));
  CHECK(static_cast<int64_t>(made.store.clips.size()) == made.guess.clips);
  return made;
}

using Paths = std::vector<std::string>;

/// The two patterns that lists of paths give.
std::string patterns(const Paths& audio, const Paths& curves) {
  const auto found = guess_paths(audio, curves);
  return cat(found.pairs, " ", found.audio, " ", found.curves);
}

}  // namespace

TEST_CASE("init: patterns from names alone", "[data][init]") {
  CHECK(patterns({"wav/1114_2_01.wav", "wav/1114_2_02.wav", "wav/1114_3_15.wav"},
                 {"curves/bs_value_1114_2_01.npy", "curves/bs_value_1114_2_02.npy",
                  "curves/bs_value_1114_3_15.npy"}) ==
        "3 wav/1114_{id}.wav curves/bs_value_1114_{id}.npy");
  CHECK(patterns({"a.wav", "b.wav"}, {"a.csv", "b.csv", "c.csv"}) == "2 {id}.wav {id}.csv");
  CHECK(patterns({"one.wav"}, {"one_live.csv"}) == "1 {id}.wav {id}_live.csv");
  // take folders, whose files are called alike
  CHECK(patterns({"t1/audio.wav", "t2/audio.wav"}, {"t1/face.csv", "t2/face.csv"}) ==
        "2 {id}/audio.wav {id}/face.csv");
  CHECK(patterns({"anna/t1/audio.wav", "anna/t2/audio.wav", "ben/t1/audio.wav"},
                 {"anna/t1/face.csv", "anna/t2/face.csv", "ben/t1/face.csv"})
            .find("{speaker}/") != std::string::npos);
  // the same numbers for each speaker; folders in another order
  CHECK(patterns({"wav/a/1.wav", "wav/a/2.wav", "wav/b/1.wav", "wav/b/2.wav"},
                 {"csv/a/1.csv", "csv/a/2.csv", "csv/b/1.csv", "csv/b/2.csv"}) ==
        "4 wav/{speaker}/{id}.wav csv/{speaker}/{id}.csv");
  CHECK(patterns({"s01_angry_1.wav", "s01_happy_1.wav", "s02_angry_1.wav", "s02_happy_1.wav",
                  "s01_angry_2.wav", "s02_happy_2.wav"},
                 {"s01_angry_1.csv", "s01_happy_1.csv", "s02_angry_1.csv", "s02_happy_1.csv",
                  "s01_angry_2.csv", "s02_happy_2.csv"}) ==
        "6 {speaker}_{emotion}_{id}.wav {speaker}_{emotion}_{id}.csv");
  CHECK(guess_paths({"x.wav"}, {"y.csv"}).pairs == 0);
  CHECK(guess_paths({}, {"y.csv"}).pairs == 0);
}

TEST_CASE("init: Live Link takes in speakers' folders", "[data][init]") {
  const TempDir dir;
  test::live_link_takes(dir.path);
  const auto made = make(dir);
  CHECK(made.store.clips.size() == 12);
  CHECK(made.recipe.clips.format == "livelink");
  CHECK(made.recipe.rig == "arkit");
  CHECK(made.recipe.fps == 0);
  CHECK(made.store.store.fps == 60);
  CHECK(made.recipe.split.by == SplitBy::speaker);
  CHECK(made.labels("speaker") == std::set<std::string>{"anna", "ben", "cem", "dora"});
  REQUIRE(made.recipe.todo.size() == 1);
  CHECK(has(made.recipe.todo[0], "recipe.yaml:4:"));
  CHECK(made.recipe.provenance.licence.empty());
  CHECK(to_json(made.guess)["guesses"]["audio"]["sure"] == "sure");
}

TEST_CASE("init: the folders that Live Link Face itself leaves", "[data][init]") {
  const TempDir dir;
  test::live_link_folders(dir.path);
  const auto made = make(dir);
  CHECK(made.store.clips.size() == 4);
  CHECK(made.store.skipped.empty());
  CHECK(made.recipe.split.by == SplitBy::time);
}

TEST_CASE("init: of Live Link Face's calibrated takes the calibrated curves", "[data][init]") {
  const TempDir dir;
  test::live_link_folders(dir.path);
  for (const auto& take : fs::directory_iterator(dir.path)) {
    const auto name = "Slate_" + take.path().filename().string().substr(15) + "_iPhone";
    for (const char* kind : {"_cal.csv", "_neutral.csv", "_raw.csv"}) {
      fs::copy_file(take.path() / (name + ".csv"), take.path() / (name + kind));
    }
    fs::remove(take.path() / (name + ".csv"));
  }
  const auto made = make(dir);
  CHECK(made.store.clips.size() == 4);
  CHECK(made.recipe.clips.curves.ends_with("_cal.csv"));
}

TEST_CASE("init: BEAT's names give speakers", "[data][init]") {
  const TempDir dir;
  test::beat_tree(dir.path);
  const auto made = make(dir);
  CHECK(made.store.clips.size() == 12);
  CHECK(made.recipe.clips.format == "beat");
  CHECK(made.labels("speaker").size() == 3);
  CHECK(made.recipe.split.by == SplitBy::speaker);
}

TEST_CASE("init: Audio2Face exports", "[data][init]") {
  const TempDir dir;
  test::audio2face_exports(dir.path);
  const auto made = make(dir);
  CHECK(made.store.clips.size() == 12);
  CHECK(made.recipe.clips.audio == "audio/line_{id}.wav");
  CHECK(made.recipe.clips.curves == "export/line_{id}_bsweight.json");
  CHECK(made.recipe.clips.format == "a2f");
  CHECK(made.recipe.split.by == SplitBy::clip);
}

TEST_CASE("init: a tree like MEAD's has emotions and their strength", "[data][init]") {
  const TempDir dir;
  test::mead_tree(dir.path);
  const auto made = make(dir);
  CHECK(made.store.clips.size() == 18);
  CHECK(made.recipe.clips.audio == "{speaker}/audio/{emotion}/level_{intensity}/{id}.wav");
  CHECK(made.labels("emotion") == std::set<std::string>{"angry", "neutral"});
  CHECK(made.labels("intensity") == std::set<std::string>{"1", "2"});
  CHECK(made.labels("speaker") == std::set<std::string>{"M003", "M005", "W009"});
}

TEST_CASE("init: arrays without times, names beside, curves of no rig", "[data][init]") {
  const TempDir dir;
  test::npy_pairs(dir.path);
  const auto made = make(dir);
  CHECK(made.recipe.clips.names == "names.txt");
  CHECK(made.recipe.fps == 25);
  REQUIRE_FALSE(made.guess.rig_file.empty());
  const auto rig = curves::load_rig(made.guess.rig_file.string());
  CHECK(rig.names() == Paths{"jaw_open", "lip_l", "lip_r", "lip_side"});
  CHECK(rig.curves[1].mirror == "lip_r");
  CHECK(rig.curves[3].low == -1);
  CHECK(rig.aperture.text() == "jaw_open");
  CHECK(made.store.store.fps == 25);
}

TEST_CASE("init: animations that name some of ARKit's curves, in whatever order", "[data][init]") {
  const std::string more = R"("jawOpen": [0.1, 0.5, 0.2], "mouthClose": [0, 0.1, 0])";
  const std::string less = R"("jawOpen": [0.2, 0.1, 0.4])";
  for (const bool more_first : {true, false}) {
    const TempDir dir;
    for (const bool first : {true, false}) {
      const std::string id = first ? "a" : "b";
      test::put_audio(dir / (id + ".wav"), 2, 1);
      test::write(dir / (id + ".json"), cat(R"({"name": "x", "dt": [600, 600, 600], "vs": {)",
                                            first == more_first ? more : less, "}}"));
    }
    const auto made = make(dir);
    CHECK(made.recipe.rig == "arkit");
    CHECK(has(to_json(made.guess)["guesses"]["rig"]["note"].get<std::string>(), "at rest"));
  }
}

TEST_CASE("init: ARKit's names with blanks give a rig without an aperture", "[data][init]") {
  for (const std::string close : {"Mouth Close", "mouthClose"}) {
    const TempDir dir;
    for (const char* id : {"a", "b"}) {
      test::put_audio(dir / (std::string(id) + ".wav"), 2, 1);
      std::string csv = "time,Jaw Open," + close + ",Nose Up\n";
      for (int row = 0; row < 60; ++row) csv += cat(row / 30.0, ",0.", row % 10, ",0.1,0.2\n");
      test::write(dir / (std::string(id) + ".csv"), csv);
    }
    const auto made = make(dir);
    REQUIRE_FALSE(made.guess.rig_file.empty());
    const auto rig = curves::load_rig(made.guess.rig_file.string());
    CHECK(rig.names() == Paths{"Jaw Open", close, "Nose Up"});
    CHECK(rig.aperture.names().empty());
    CHECK(has(made.guess.rig_text, "Write a formula after aperture:"));
  }
}

TEST_CASE("init: a set that the project has a recipe for is guessed as it is", "[data][init]") {
  const fs::path root = fs::path(KUCHI_SOURCE_DIR) / "../shared/data/facegood";
  if (!fs::exists(root)) {
    WARN("skipped: no " << root.string());
    return;
  }
  const TempDir dir;
  const auto guess = guess_recipe(root, dir / "fg.yaml");
  write_recipe(guess, false);
  const auto mine = load_recipe(dir / "fg.yaml");
  const auto ours = load_recipe(fs::path(KUCHI_SOURCE_DIR) / "datasets/facegood.yaml");
  CHECK(mine.clips.audio == ours.clips.audio);
  CHECK(mine.clips.curves == ours.clips.curves);
  CHECK(mine.clips.names == ours.clips.names);
  CHECK(mine.clips.format == ours.clips.format);
  CHECK(mine.fps == ours.fps);
  CHECK(mine.rig == ours.rig);
  CHECK(mine.split.by == ours.split.by);
  CHECK(fs::equivalent(mine.root, root));
  CHECK(find_clips(mine, mine.root).clips.size() == 5);
}

TEST_CASE("init: nothing is overwritten, and what cannot be guessed is said", "[data][init]") {
  const TempDir dir;
  CHECK(caught([&] { guess_recipe(dir / "none"); }).code == 3);
  CHECK(caught([&] { guess_recipe(dir.path); }).has("holds no audio"));
  test::put_audio(dir / "a/x.wav", 1, 1);
  CHECK(caught([&] { guess_recipe(dir.path); }).has("holds no curve file"));
  test::put_curves(dir / "b/other.csv", "livelink", 1, 30, 1);
  CHECK(caught([&] { guess_recipe(dir.path); }).has("name them alike"));
  test::put_curves(dir / "b/x.csv", "livelink", 1, 30, 1);
  const auto guess = guess_recipe(dir.path);
  CHECK(guess.clips == 1);
  CHECK(guess.skipped == 1);
  write_recipe(guess, false);
  CHECK(caught([&] { write_recipe(guess, false); }).code == 2);
  CHECK_NOTHROW(write_recipe(guess, true));

  const TempDir arrays;
  test::put_audio(arrays / "x.wav", 1, 1);
  io::write_npy(arrays / "x.npy", test::waves(30, 3, 1));
  CHECK(caught([&] { guess_recipe(arrays.path); }).has("3 curves without names"));
}
