#include "data/recipe.h"

#include "catch.h"
#include "data/fixture.h"
#include "data/pattern.h"
#include "data/utf8.h"

using namespace kuchi;
using namespace kuchi::data;
namespace fs = std::filesystem;
using test::caught;

namespace {
std::vector<std::string> ids(const Found& found) {
  std::vector<std::string> out;
  for (const auto& clip : found.clips) out.push_back(clip.id);
  return out;
}
const std::string kClips = "clips: {audio: \"wav/{id}.wav\", curves: \"c/{id}.npy\"}\n";
}  // namespace

TEST_CASE("recipe: every key of the contract is read", "[data]") {
  const test::TempDir dir;
  test::write(dir / "r.yaml",
              "name: set\nlicence: MIT\nconsent: signed\npermitted_use: research\n"
              "synthetic_mark: made by a machine\nroot: ../data\nfps: 29.97\nrig: arkit\n"
              "clips:\n  audio: wav/1_{id}.wav\n  curves: c/{speaker}_{id}.npy\n"
              "  names: names.txt\n  format: npy\n"
              "labels: {speaker: anna, language: ja}\n"
              "split: {by: clip, valid: 0.2, test: 0.3, gap_seconds: 2, seed: 7}\n");
  const Recipe r = load_recipe(dir / "r.yaml");
  CHECK(r.provenance == Provenance{"set", "MIT", "signed", "research", "made by a machine"});
  CHECK(r.root == (dir.path / "../data").lexically_normal());
  CHECK(r.fps == 29.97);
  CHECK(r.rig == "arkit");
  CHECK(r.clips.audio == "wav/1_{id}.wav");
  CHECK(r.clips.names == "names.txt");
  CHECK(r.clips.format == "npy");
  CHECK(r.labels == Labels{{"speaker", "anna"}, {"language", "ja"}});
  CHECK(r.split.by == SplitBy::clip);
  CHECK(r.split.valid == 0.2);
  CHECK(r.split.test == 0.3);
  CHECK(r.split.gap_s == 2);
  CHECK(r.split.seed == 7);
}

TEST_CASE("recipe: what is left out has a default", "[data]") {
  const test::TempDir dir;
  test::write(dir / "mine.yaml", "rig: arkit\nfps: timecode\n" + kClips);
  const Recipe r = load_recipe(dir / "mine.yaml");
  CHECK(r.provenance == Provenance{"mine", "", "", "", kSyntheticMark});
  CHECK(r.fps == 0);
  CHECK(fs::weakly_canonical(r.root) == fs::weakly_canonical(dir.path));
  CHECK(r.split.by == SplitBy::time);
  CHECK(r.split.valid == 0.1);
  CHECK(r.clips.format == "auto");
}

TEST_CASE("recipe: mistakes are told with place and nearest name, all at once", "[data]") {
  const test::TempDir dir;
  const auto mistake = [&](const std::string& text) {
    test::write(dir / "r.yaml", text);
    return caught([&] { load_recipe(dir / "r.yaml"); });
  };
  auto e = mistake("rig: arkit\nlicense: MIT\nfps: often\nclips: {audio: \"{idd}.wav\"}\n");
  CHECK(e.code == 2);
  CHECK(e.has("r.yaml:2:1: unknown key \"license\"; did you mean \"licence\"?"));
  CHECK(e.has("fps must be a number from 1 to 1000 or timecode; it is \"often\""));
  CHECK(e.has("r.yaml:3:1"));
  CHECK(e.has("unknown placeholder {idd}; did you mean \"id\"?"));
  CHECK(e.has("clips.curves is missing"));
  CHECK(mistake(kClips).has("rig is missing"));
  CHECK(mistake("rig: arkit\nfps: 0\n" + kClips).has("fps must be"));
  CHECK(mistake("rig: arkit\nfps: nan\n" + kClips).has("fps must be"));
  CHECK(mistake("just text\n").has("a recipe needs keys"));
  CHECK(mistake("").has("a recipe needs keys"));
  CHECK(mistake("rig: [a\n").code == 2);
  CHECK(mistake("rig: arkit\nlabels: {id: x}\n" + kClips).has("\"id\" cannot be a label"));
  CHECK(mistake("rig: arkit\nlabels: 3\n" + kClips).has("labels needs a map"));
  CHECK(mistake("rig: arkit\nsplit: {by: tiem}\n" + kClips).has("did you mean \"time\"?"));
  CHECK(mistake("rig: arkit\nsplit: {valid: 0.6, test: 0.5}\n" + kClips).has("add up to 1.1"));
  CHECK(mistake("rig: arkit\nsplit: {valid: [a, b]}\n" + kClips).has("give a share"));
  CHECK(mistake("rig: arkit\nsplit: {by: list, valid: 0.1}\n" + kClips).has("name clips"));
  CHECK(mistake("rig: arkit\nclips: {audio: /a.wav, curves: b}\n").has("is absolute"));
  CHECK(mistake("rig: arkit\nclips: {audio: \"{id.wav\", curves: b}\n").has("{ without its }"));
  CHECK(mistake("rig: arkit\nclips: {audio: \"id}.wav\", curves: b}\n").has("} without its {"));
  CHECK(caught([&] { load_recipe(dir / "none.yaml"); }).code == 2);
}

TEST_CASE("pattern: labels are what the path says", "[data]") {
  const test::TempDir dir;
  for (const char* name : {"s1/x_happy_01.wav", "s1/x_sad_01.wav", "s2/y_sad_02.wav", "s2/y.txt",
                           "s2/deep/z_sad_03.wav", "loose_sad_04.wav"}) {
    test::write(dir / name, "");
  }
  const auto found = Pattern::parse("{speaker}/{any}_{emotion}_{id}.wav", {}).find(dir.path);
  REQUIRE(found.size() == 3);
  CHECK(found[0].labels == Labels{{"speaker", "s1"}, {"emotion", "happy"}, {"id", "01"}});
  CHECK(found[1].labels == Labels{{"speaker", "s1"}, {"emotion", "sad"}, {"id", "01"}});
  CHECK(found[2].labels == Labels{{"speaker", "s2"}, {"emotion", "sad"}, {"id", "02"}});
  const auto bound =
      Pattern::parse("{speaker}/{any}_{emotion}_{id}.wav", {}).find(dir.path, {{"emotion", "sad"}});
  CHECK(bound.size() == 2);
}

TEST_CASE("pattern: the same placeholder twice is the same text", "[data]") {
  const test::TempDir dir;
  for (const char* name : {"a/a_1.wav", "a/b_1.wav", "b/b_2.wav"}) test::write(dir / name, "");
  const auto found = Pattern::parse("{speaker}/{speaker}_{id}.wav", {}).find(dir.path);
  REQUIRE(found.size() == 2);
  CHECK(found[0].labels.at("speaker") == "a");
  CHECK(found[1].labels.at("speaker") == "b");
}

TEST_CASE("find: partners have the same labels, the rest is told", "[data]") {
  const test::TempDir dir;
  for (const char* name :
       {"wav/1.wav", "wav/2.wav", "wav/3.wav", "c/1.npy", "c/3.npy", "c/9.npy"}) {
    test::write(dir / name, "");
  }
  test::write(dir / "r.yaml", "rig: arkit\nlabels: {speaker: anna}\n" + kClips);
  const Recipe recipe = load_recipe(dir / "r.yaml");
  const Found found = find_clips(recipe, recipe.root);
  CHECK(ids(found) == std::vector<std::string>{"1", "3"});
  CHECK(found.clips[0].labels == Labels{{"speaker", "anna"}});
  REQUIRE(found.skipped.size() == 2);
  CHECK(found.skipped[0].id == "2");
  CHECK(found.skipped[0].why.find("c/2.npy is not there") != std::string::npos);
  CHECK(found.skipped[1].id == "9");
  CHECK(found.skipped[1].why.find("no audio file") != std::string::npos);
}

TEST_CASE("find: ids become unique by the labels before them", "[data]") {
  const test::TempDir dir;
  for (const char* name : {"a/1.wav", "b/1.wav", "a/1.npy", "b/1.npy"}) test::write(dir / name, "");
  test::write(dir / "r.yaml",
              "rig: arkit\n"
              "clips: {audio: \"{speaker}/{id}.wav\", curves: \"{speaker}/{id}.npy\"}\n");
  const Recipe recipe = load_recipe(dir / "r.yaml");
  const Found found = find_clips(recipe, recipe.root);
  CHECK(ids(found) == std::vector<std::string>{"a_1", "b_1"});
  CHECK(found.clips[1].labels.at("speaker") == "b");
  CHECK(found.clips[1].curves == dir.path / "b/1.npy");
}

TEST_CASE("find: several curves for one audio file are refused for that clip", "[data]") {
  const test::TempDir dir;
  for (const char* name : {"1.wav", "1_a.npy", "1_b.npy", "2.wav", "2_a.npy"}) {
    test::write(dir / name, "");
  }
  test::write(dir / "r.yaml",
              "rig: arkit\nclips: {audio: \"{id}.wav\", curves: \"{id}_{any}.npy\"}\n");
  const Recipe recipe = load_recipe(dir / "r.yaml");
  const Found found = find_clips(recipe, recipe.root);
  CHECK(ids(found) == std::vector<std::string>{"2"});
  REQUIRE(found.skipped.size() == 1);
  CHECK(found.skipped[0].why.find("2 curve files go with it") != std::string::npos);
}

TEST_CASE("find: nothing there says pattern and root", "[data]") {
  const test::TempDir dir;
  test::write(dir / "r.yaml", "rig: arkit\n" + kClips);
  const Recipe recipe = load_recipe(dir / "r.yaml");
  auto e = caught([&] { find_clips(recipe, dir.path); });
  CHECK(e.code == 3);
  CHECK(e.has("\"wav/{id}.wav\""));
  CHECK(e.has(dir.path.string()));
  e = caught([&] { find_clips(recipe, dir / "nowhere"); });
  CHECK(e.code == 3);
  CHECK(e.has("no such directory"));
  CHECK(e.has("data.root=DIR"));
}

TEST_CASE("find: a file name that is no text is skipped, not stored", "[data]") {
  const test::TempDir dir;
  for (const char* name : {"wav/\xff.wav", "c/\xff.npy", "wav/ok.wav", "c/ok.npy"}) {
    test::write(dir / name, "");
  }
  test::write(dir / "r.yaml", "rig: arkit\n" + kClips);
  const Recipe recipe = load_recipe(dir / "r.yaml");
  const Found found = find_clips(recipe, recipe.root);
  CHECK(ids(found) == std::vector<std::string>{"ok"});
  REQUIRE(found.skipped.size() == 1);
  CHECK(is_utf8(found.skipped[0].id));
  CHECK(is_utf8(found.skipped[0].why));
}

TEST_CASE("utf8: well-formed texts only", "[data]") {
  for (const char* good : {"", "abc", "\xc3\xa9", "\xe3\x81\x82", "\xf0\x9f\x98\x80"}) {
    CHECK(is_utf8(good));
  }
  for (const char* bad : {"\x80", "\xc3", "\xc0\x80", "\xe3\x81", "\xed\xa0\x80",
                          "\xf5\x80\x80\x80", "\xf4\x90\x80\x80", "\xe0\x80\x80", "\xff"}) {
    CHECK_FALSE(is_utf8(bad));
  }
}

TEST_CASE("recipe: every one that is shipped loads", "[data]") {
  int count = 0;
  for (const auto& entry : fs::directory_iterator(KUCHI_SOURCE_DIR "/datasets")) {
    if (entry.path().extension() != ".yaml") continue;
    CHECK_NOTHROW(load_recipe(entry.path()));
    ++count;
  }
  CHECK(count >= 1);
}
