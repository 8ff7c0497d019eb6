// Clips that are not together with their set: told, and put right where the recipe asks for it.
#include <nlohmann/json.hpp>

#include "catch.h"
#include "data/fixture.h"
#include "data/prepare.h"
#include "sync/pieces.h"

using namespace kuchi;
using namespace kuchi::data;
namespace fs = std::filesystem;

namespace {

/// Six clips whose audio is 40 ms late; one of 12 s is 250 ms late, one of 70 s claims 30 rows/s
/// and has 30 · (1 - 0.0016).
struct LateSet {
  test::TempDir dir;
  LateSet() {
    test::write(dir / "one.yaml",
                "name: one\ncurves: [{name: open, range: [0, 4]}]\naperture: open\n");
    test::write(dir / "names.txt", "open\n");
    for (int i = 0; i < 4; ++i)
      add(cat("a", i), sync_test::babble(12, 0.04, 10 + static_cast<uint64_t>(i)));
    add("late", sync_test::babble(12, 0.25, 20));
    add("slow", sync_test::babble(70, 0.04, 21, 30 * (1 - 0.0016)));
    recipe();
  }
  void add(const std::string& id, const sync_test::Take& take) {
    fs::create_directories(dir / "x");
    audio::write_wav(dir / ("x/" + id + ".wav"), take.audio);
    io::write_npy(dir / ("x/" + id + ".npy"), take.track.values);
  }
  void recipe(const std::string& more = "") {
    test::write(dir / "recipe.yaml",
                "name: late\nlicence: CC0\nfps: 30\nrig: one.yaml\nclips: {audio: \"x/{id}.wav\", "
                "curves: \"x/{id}.npy\", names: names.txt}\n" +
                    more);
  }
  PrepareReport run(PrepareOptions options = {}) const {
    options.force = true;
    return prepare(load_recipe(dir / "recipe.yaml"), {}, options, dir / "out.h5");
  }
};

const PreparedClip& clip(const PrepareReport& report, const std::string& id) {
  for (const auto& one : report.clips) {
    if (one.clip.id == id) return one;
  }
  throw std::logic_error("no clip " + id);
}

}  // namespace

TEST_CASE("prepare: lags and drifts are told and nothing is moved unasked", "[data][sync]") {
  const LateSet set;
  PrepareOptions options;
  options.pictures = set.dir / "lags";
  const auto report = set.run(options);
  REQUIRE(report.clips.size() == 6);
  CHECK(*report.clips[0].usual_ms == Approx(40).margin(6));
  CHECK(*clip(report, "late").clip.lag_ms == Approx(250).margin(6));
  CHECK(clip(report, "late").correction.none());
  const auto& slow = clip(report, "slow");
  REQUIRE(slow.clip.drift_ppm);
  CHECK(*slow.clip.drift_ppm == Approx(1600).margin(100));
  CHECK(slow.sync->lag_ms_at(0) == Approx(40).margin(8));
  for (const char* id : {"a0", "late", "slow"})
    CHECK(fs::exists(set.dir / (std::string("lags/") + id + ".png")));

  const auto json = to_json(report);
  CHECK(json["usual_lag_ms"].get<double>() == Approx(40).margin(6));
  for (const auto& one : json["clips"]) {
    CHECK(one["confidence"].get<double>() > 0.9);
    CHECK(one["sync"]["moved_ms"] == 0);
    if (one["id"] == "late")
      CHECK(one["sync"]["deviation_ms"].get<double>() == Approx(210).margin(8));
  }
  const auto text = to_text(report);
  CHECK(text.find("lag ms") != std::string::npos);
  CHECK(text.find("usual lag +") != std::string::npos);
  // A folder that is there is not filled unasked.
  const auto again = test::caught(
      [&] { prepare(load_recipe(set.dir / "recipe.yaml"), {}, options, set.dir / "other.h5"); });
  CHECK(again.code == 2);
}

TEST_CASE("prepare: what a clip differs from its set is put right where asked", "[data][sync]") {
  LateSet set;
  set.recipe("sync: {correct: deviation, drift: true}\n");
  const auto report = set.run();
  REQUIRE(report.clips.size() == 6);
  CHECK(clip(report, "a0").correction.none());
  const auto& late = clip(report, "late");
  CHECK(late.sync->lag_ms == Approx(250).margin(6));
  CHECK(late.correction.shift_ms == Approx(210).margin(10));
  CHECK(*late.clip.lag_ms == Approx(40).margin(6));
  CHECK(late.clip.samples == 12 * 16000 - std::llround(late.correction.shift_ms * 16));
  const auto text = to_text(report);
  CHECK(text.find("curves moved by +2") != std::string::npos);
  CHECK(text.find("ppm taken out") != std::string::npos);

  // What stands in the store is together: heard again from there.
  const Store store = Store::open(set.dir / "out.h5");
  CHECK_NOTHROW(store.verify());
  for (const char* id : {"late", "slow"}) {
    INFO(id);
    const auto i = store.info().clip_index(id);
    const auto found =
        sync::estimate(features::log_mel(store.read_audio(i)),
                       sync_test::track_of(store.read_curves(i), 30), store.info().rig);
    REQUIRE(found);
    CHECK(found->lag_ms == Approx(40).margin(10));
    if (found->drift_ppm) CHECK(std::abs(*found->drift_ppm) < 100);
  }

  // The command line wins; and the cache's key knows.
  PrepareOptions none;
  none.sync.correct = "none";
  none.sync.drift = "false";
  CHECK(clip(set.run(none), "late").correction.none());
  const auto recipe = load_recipe(set.dir / "recipe.yaml");
  CHECK(prepare_key(recipe, {}, {}) != prepare_key(recipe, {}, none));

  const auto wrong = test::caught([&] {
    set.recipe("sync: {correct: lag}\n");
    load_recipe(set.dir / "recipe.yaml");
  });
  CHECK(wrong.code == 2);
}
