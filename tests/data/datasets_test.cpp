// The recipes in datasets/, each on a tiny tree of the form that it is for.
#include <set>

#include "catch.h"
#include "data/prepare.h"
#include "data/trees.h"

using namespace kuchi;
using namespace kuchi::data;
namespace fs = std::filesystem;
using test::TempDir;

namespace {

PrepareReport prepared(const std::string& name, const TempDir& tree) {
  const auto recipe = load_recipe(fs::path(KUCHI_SOURCE_DIR) / "datasets" / (name + ".yaml"));
  CHECK(recipe.provenance.data == name);
  CHECK(recipe.todo.size() == 1);
  const TempDir out;
  PrepareOptions options;
  options.root = tree.path;
  options.consent = "signed, for this test";
  auto report = prepare(recipe, {}, options, out / "store.h5");
  for (const auto& skipped : report.skipped) WARN(skipped.id << ": " << skipped.why);
  CHECK(report.skipped.empty());
  return report;
}

std::set<std::string> labels(const PrepareReport& report, const std::string& name) {
  std::set<std::string> out;
  for (const auto& clip : report.clips) {
    const auto label = clip.clip.labels.find(name);
    if (label != clip.clip.labels.end()) out.insert(label->second);
  }
  return out;
}

/// No speaker is in two splits, and each split has one.
void check_speakers_apart(const PrepareReport& report) {
  std::map<std::string, std::set<std::string>> splits;
  std::set<std::string> all;
  for (const auto& clip : report.clips) {
    splits[clip.clip.labels.at("speaker")].insert(clip.split());
    all.insert(clip.split());
  }
  for (const auto& [speaker, in] : splits) {
    INFO(speaker);
    CHECK(in.size() == 1);
  }
  CHECK(all == std::set<std::string>{"train", "valid", "test"});
}

}  // namespace

TEST_CASE("datasets: own Live Link takes", "[data]") {
  const TempDir tree;
  test::live_link_takes(tree.path);
  const auto report = prepared("live_link_takes", tree);
  CHECK(report.clips.size() == 12);
  CHECK(report.store.fps == 60);
  CHECK(report.store.rig.name == "arkit-mouth");
  CHECK(labels(report, "speaker") == std::set<std::string>{"anna", "ben", "cem", "dora"});
  check_speakers_apart(report);
  const auto recipe = load_recipe(fs::path(KUCHI_SOURCE_DIR) / "datasets/live_link_takes.yaml");
  PrepareOptions options;
  options.root = tree.path;
  const auto refused = test::caught([&] { prepare(recipe, {}, options, tree.path / "store.h5"); });
  CHECK(refused.code == 2);
  CHECK(refused.has("consent is required"));
}

TEST_CASE("datasets: Audio2Face exports", "[data]") {
  const TempDir tree;
  for (int i = 1; i <= 12; ++i) {
    const auto seed = static_cast<uint64_t>(i);
    test::put_audio(tree / cat("audio/line_", i, ".wav"), 2, seed);
    test::put_curves(tree / cat("export/line_", i, "_bsweight.json"), i % 2 ? "a2f" : "a2f-frames",
                     2, 30, seed);
  }
  const auto report = prepared("audio2face", tree);
  CHECK(report.clips.size() == 12);
  CHECK(report.store.fps == 30);
}

TEST_CASE("datasets: what Audio2Face's service leaves", "[data]") {
  const TempDir tree;
  test::audio2face_service(tree.path);
  const auto report = prepared("audio2face_service", tree);
  CHECK(report.clips.size() == 12);
  CHECK(report.store.fps == 30);
}

TEST_CASE("datasets: the folders that Live Link Face leaves", "[data]") {
  const TempDir tree;
  test::live_link_folders(tree.path, ".mov");  // read by content: these hold WAV
  const auto report = prepared("live_link_face", tree);
  REQUIRE(report.clips.size() == 4);
  CHECK(report.clips[0].clip.id == "20240501_Slate_1");
  CHECK(report.store.fps == 60);
}

TEST_CASE("datasets: FACEGOOD as its repository has it, names in an array", "[data]") {
  const auto shared = fs::path(KUCHI_SOURCE_DIR) / "../shared/data/facegood";
  if (!fs::exists(shared)) {
    WARN("skipped: " << shared.string() << " is not here");
    return;
  }
  const TempDir tree;
  fs::create_directories(tree / "bs_value");
  fs::create_directory_symlink(shared / "wav", tree / "wav");
  for (const auto& entry : fs::directory_iterator(shared / "curves")) {
    fs::create_symlink(entry.path(), tree / "bs_value" / entry.path().filename());
  }
  const auto names = split(trim(io::read_text(shared / "curve_names.txt")), '\n');
  const int64_t count[] = {static_cast<int64_t>(names.size())};
  test::write(tree / "shirley_1015_bs_name.npy", io::npy_bytes(count, names));
  const auto recipe =
      load_recipe(fs::path(KUCHI_SOURCE_DIR) / "datasets" / "facegood_repository.yaml");
  PrepareOptions options;
  options.root = tree.path;
  const TempDir out;
  const auto report = prepare(recipe, {}, options, out / "store.h5");
  CHECK(report.clips.size() == 5);
  CHECK(report.store.rig.name == "facegood");
}

TEST_CASE("datasets: BEAT", "[data]") {
  const TempDir tree;
  test::beat_tree(tree.path);
  const auto report = prepared("beat", tree);
  CHECK(report.clips.size() == 12);
  CHECK(labels(report, "speaker") == std::set<std::string>{"wayne", "scott", "solomon"});
  CHECK(labels(report, "style") == std::set<std::string>{"0", "1"});
  check_speakers_apart(report);
}

TEST_CASE("datasets: a tree like MEAD's", "[data]") {
  const TempDir tree;
  test::mead_tree(tree.path, ".m4a");  // read by content: these hold WAV
  const auto report = prepared("mead", tree);
  CHECK(report.clips.size() == 18);
  CHECK(labels(report, "emotion") == std::set<std::string>{"neutral", "angry"});
  CHECK(labels(report, "intensity") == std::set<std::string>{"1", "2"});
  CHECK(labels(report, "language") == std::set<std::string>{"en"});
  check_speakers_apart(report);
}

TEST_CASE("datasets: NPY pairs", "[data]") {
  const TempDir tree;
  const auto rig = curves::load_rig("arkit-mouth");
  test::write(tree / "names.txt", join(rig.names(), "\n") + "\n");
  fs::create_directories(tree / "npy");
  for (int i = 1; i <= 6; ++i) {
    const auto seed = static_cast<uint64_t>(i);
    test::put_audio(tree / cat("wav/r", i, ".wav"), 2, seed);
    io::write_npy(tree / cat("npy/r", i, ".npy"), test::mouth_moves(rig, 60, seed));
  }
  const auto report = prepared("npy_pairs", tree);
  CHECK(report.clips.size() == 6);
  std::set<std::string> splits;
  for (const auto& clip : report.clips) splits.insert(clip.split());
  CHECK(splits == std::set<std::string>{"train", "valid", "test"});
}

TEST_CASE("datasets: BEAT2", "[data]") {
  const TempDir tree;
  const fs::path golden = fs::path(KUCHI_SOURCE_DIR) / "tests/golden/npz/beat2.npz";
  for (const char* speaker : {"1_wayne", "2_scott", "3_solomon"}) {
    const std::string name = cat(speaker, "_0_1_1");
    test::put_audio(tree / ("wave16k/" + name + ".wav"), 2, 1);
    fs::create_directories(tree / "smplxflame_30");
    fs::copy_file(golden, tree / ("smplxflame_30/" + name + ".npz"));
  }
  const auto report = prepared("beat2", tree);
  CHECK(report.clips.size() == 3);
  CHECK(report.store.curves() == 53);
  check_speakers_apart(report);
}
