#include "data/join.h"

#include <cmath>

#include "catch.h"
#include "data/hdf5.h"
#include "data/prepare.h"
#include "data/tone_sets.h"

using namespace kuchi;
using namespace kuchi::data;
using test::caught;
namespace fs = std::filesystem;

namespace {

fs::path store_of(const test::ToneSet& set, const fs::path& dir, const PrepareOptions& options = {},
                  const std::string& file = "") {
  const auto out = dir / ((file.empty() ? set.name : file) + ".h5");
  features::Options logmel;
  logmel.stack = 1;
  prepare(load_recipe(set.write_to(dir)), logmel, options, out);
  return out;
}

std::vector<std::string> ids(const StoreInfo& info, const std::vector<Piece>& pieces, Split split) {
  std::vector<std::string> out;
  for (const auto& p : pieces_of(pieces, split)) {
    out.push_back(info.clips[static_cast<size_t>(p.clip)].id);
  }
  return out;
}

int64_t version_of(const fs::path& file) {
  h5::prepare_library();
  const h5::Handle opened(H5Fopen(file.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT), H5Fclose, "file");
  return h5::get_integer(opened, "format_version");
}

}  // namespace

TEST_CASE("joined stores: curves by name, NaN where a clip lacks one, splits as alone", "[data]") {
  const test::TempDir dir;
  const auto a = store_of(test::tones_a(), dir.path), b = store_of(test::tones_b(), dir.path);
  const auto info = join_stores({a, b}, dir / "both.h5");
  const auto both = Store::open(dir / "both.h5");
  both.verify();
  CHECK(both.info().hash == info.hash);
  CHECK(info.rig.names() == std::vector<std::string>{"low", "high", "both", "inverse"});
  CHECK(info.provenance.data == "a + b");
  REQUIRE(both.info().clips.size() == 16);
  CHECK(both.info().clips[0].captured == std::vector<bool>{true, true, true, false});
  CHECK(both.info().clips[8].captured == std::vector<bool>{true, true, false, true});
  CHECK(both.info().clips[8].labels.at("dataset") == "b");
  CHECK(both.info().clips_with(0) == 16);
  CHECK(both.info().clips_with(3) == 8);

  const auto alone = Store::open(b);
  for (int64_t i = 0; i < 8; ++i) {
    const auto joined = both.read_curves(8 + i), own = alone.read_curves(i);
    REQUIRE(joined.rows == own.rows);
    bool same = true, absent = true;
    for (int64_t t = 0; t < own.rows; ++t) {
      same = same && joined(t, 0) == own(t, 2) && joined(t, 1) == own(t, 0) &&
             joined(t, 3) == own(t, 1);
      absent = absent && std::isnan(joined(t, 2));
    }
    CHECK(same);
    CHECK(absent);
    CHECK(both.read_features(8 + i).data == alone.read_features(i).data);
    CHECK(both.read_audio(8 + i) == alone.read_audio(i));
  }
  const auto pieces = split_store(both.info());
  for (const auto split : {Split::train, Split::valid, Split::test}) {
    auto own = ids(Store::open(a).info(), split_store(Store::open(a).info()), split);
    const auto of_b = ids(alone.info(), split_store(alone.info()), split);
    own.insert(own.end(), of_b.begin(), of_b.end());
    CHECK(ids(both.info(), pieces, split) == own);
  }
  // A list names clips of all data sets, a share is of each.
  SplitOptions list;
  list.by = "list";
  list.valid = {"a1"};
  list.test = {"b?"};
  CHECK(ids(both.info(), split_store(both.info(), list), Split::test).size() == 8);
  SplitOptions share;
  share.test = {"0.5"};
  CHECK(ids(both.info(), split_store(both.info(), share), Split::test).size() == 8);
}

TEST_CASE("joined stores: a store without any of this stays version 1", "[data]") {
  const test::TempDir dir;
  const auto a = store_of(test::tones_a(), dir.path), b = store_of(test::tones_b(), dir.path);
  join_stores({a, b}, dir / "both.h5");
  CHECK(version_of(a) == 1);
  CHECK(version_of(dir / "both.h5") == 2);
  CHECK(join_key({a, b}) != join_key({b, a}));
  // The order decides that of the curves.
  CHECK(join_stores({b, a}, dir / "other.h5").rig.names() ==
        std::vector<std::string>{"high", "inverse", "low", "both"});
}

TEST_CASE("joined stores: clips of one id get the data set's name, and so do lists", "[data]") {
  const test::TempDir dir;
  auto one = test::tones_a(), two = test::tones_b();
  one.id = two.id = "clip";
  const auto a = store_of(one, dir.path);
  PrepareOptions options;
  auto recipe = load_recipe(two.write_to(dir.path));
  recipe.split = {};
  recipe.split.by = SplitBy::list;
  recipe.split.test_ids = {"clip1", "clip3"};
  features::Options logmel;
  logmel.stack = 1;
  prepare(recipe, logmel, options, dir / "b.h5");
  const auto info = join_stores({a, dir / "b.h5"}, dir / "both.h5");
  CHECK(info.clips[0].id == "a/clip0");
  CHECK(info.clips[9].id == "b/clip1");
  const auto test_ids = ids(info, split_store(info), Split::test);
  CHECK(test_ids.size() == 4);  // two drawn of a, two listed of b
  CHECK(test_ids[2] == "b/clip1");
  CHECK(test_ids[3] == "b/clip3");
  // Joined stores join.
  auto three = test::tones_b();
  three.name = "c";
  three.seed = 3;
  const auto all = join_stores({dir / "both.h5", store_of(three, dir.path)}, dir / "all.h5");
  CHECK(all.sets.size() == 3);
  CHECK(all.clips.back().labels.at("dataset") == "c");
  CHECK(all.clips.back().captured == info.clips.back().captured);
}

TEST_CASE("joined stores: what does not go together is refused, with what to do", "[data]") {
  const test::TempDir dir;
  const auto a = store_of(test::tones_a(), dir.path);
  const auto refused = [&](const fs::path& other) {
    return caught([&] { join_stores({a, other}, dir / "no.h5"); });
  };
  auto wide = test::tones_b();
  wide.name = "wide";
  wide.ranges = {{"low", "[0, 100]"}};
  const auto range = refused(store_of(wide, dir.path));
  CHECK(range.code == 3);
  CHECK(range.has("\"low\" runs from 0 to 100"));
  auto fast = test::tones_b();
  fast.name = "fast";
  fast.fps = "60";
  const auto rate = refused(store_of(fast, dir.path));
  CHECK(rate.code == 3);
  CHECK(rate.has("60 frames a second"));
  CHECK(rate.has("data.fps"));
  PrepareOptions at_30;
  at_30.fps = 30;
  CHECK(refused(store_of(fast, dir.path, at_30, "slowed")).text.empty());
  CHECK(refused(a).has("each data set once"));
  features::Options stacked;
  stacked.stack = 3;
  prepare(load_recipe(dir / "wide.yaml"), stacked, {}, dir / "stacked.h5");
  CHECK(refused(dir / "stacked.h5").has("section features"));
}

TEST_CASE("joined stores: by speaker, nobody is in two splits", "[data]") {
  const test::TempDir dir;
  std::vector<fs::path> files;
  for (const char* name : {"a", "b"}) {
    StoreInfo head;
    head.provenance.data = name;
    head.rig = curves::parse_rig(cat("name: r\ncurves: [x, ", name, "]\n"), "test");
    head.fps = 30;
    head.features.stack = 1;
    head.split.by = SplitBy::speaker;
    head.split.valid = head.split.test = 0.25;
    files.push_back(dir / cat(name, ".h5"));
    write_store(files.back(), head, [&](StoreWriter& writer) {
      for (uint64_t i = 0; i < 8; ++i) {
        StoreClip clip;
        clip.id = cat(name, i);
        // anna speaks in both; the others are their own set's
        clip.labels["speaker"] = i == 0 ? "anna" : cat(name, i);
        writer.add(clip, test::waves(30, 80, i), test::waves(30, 2, i), test::tone(16000, i));
      }
    });
  }
  const auto info = join_stores(files, dir / "both.h5");
  SplitOptions seeded;
  int torn = 0, whole = 0;
  for (int64_t seed = 0; seed < 12; ++seed) {
    seeded.seed = seed;
    const auto e = caught([&] { split_store(info, seeded); });
    if (e.text.empty()) {
      ++whole;
    } else {
      ++torn;
      CHECK(e.has("\"anna\" is in two data sets"));
      CHECK(e.code == 2);
    }
  }
  CHECK(torn > 0);
  CHECK(whole > 0);
}

TEST_CASE("store: seen through another rig it has its curves by name", "[data]") {
  const test::TempDir dir;
  const auto a = store_of(test::tones_a(), dir.path), b = store_of(test::tones_b(), dir.path);
  const auto info = join_stores({a, b}, dir / "both.h5");
  auto mapped = Store::open(b);
  mapped.map_to(info.rig);
  const auto both = Store::open(dir / "both.h5");
  CHECK(mapped.info().clips[0].captured == both.info().clips[8].captured);
  CHECK(mapped.info().has_aperture(0) == both.info().has_aperture(8));
  const auto x = mapped.read_curves(3), y = both.read_curves(11);
  for (int64_t c = 0; c < 4; ++c) {
    CHECK((x(7, c) == y(7, c) || (std::isnan(x(7, c)) && std::isnan(y(7, c)))));
  }
  auto narrowed = Store::open(dir / "both.h5");
  narrowed.map_to(Store::open(a).info().rig);
  CHECK(narrowed.info().clips[0].captured.empty());
  CHECK(narrowed.info().clips[8].captured == std::vector<bool>{true, true, false});
}

TEST_CASE("prepare: several recipes are one store", "[data]") {
  const test::TempDir dir;
  features::Options logmel;
  logmel.stack = 1;
  const std::vector<Recipe> recipes = {load_recipe(test::tones_a().write_to(dir.path)),
                                       load_recipe(test::tones_b().write_to(dir.path))};
  const auto report = prepare(recipes, logmel, {}, dir / "out.h5");
  CHECK(report.clips.size() == 16);
  int64_t train = 0;
  for (const auto& clip : report.clips) train += clip.train;
  CHECK(train == 8 * 90);
  const auto a = store_of(test::tones_a(), dir.path), b = store_of(test::tones_b(), dir.path);
  CHECK(join_stores({a, b}, dir / "both.h5").hash == report.store.hash);
  int files = 0;
  for (const auto& entry : fs::directory_iterator(dir.path))
    files += entry.path().extension() == ".h5";
  CHECK(files == 4);  // no part is left over
  PrepareOptions rooted;
  rooted.root = dir.path;
  CHECK(caught([&] { prepare(recipes, logmel, rooted, dir / "x.h5"); }).code == 2);
}
