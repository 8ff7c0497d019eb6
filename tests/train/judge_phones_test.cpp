// Phones of a run's clips: whose labels they are, and when.
#include "train/judge_phones.h"

#include "catch.h"
#include "data/phone_corpus.h"
#include "small_training.h"
#include "synth/synth.h"
#include "train/run.h"

using namespace kuchi;
using namespace kuchi::test;

TEST_CASE("phones: labels are in the recording's time, whatever lag was put right", "[train]") {
  const auto run = new_run();
  constexpr int64_t kLate = 4;  // frames
  run_training(run, small({"model.head=mean", cat("data.lag_frames=", kLate)}));
  const auto judging = train::open_judging({run}, {});
  const auto results = train::predict(judging);
  const auto report = train::judge_phones(run, judging, results, train::PhoneLabels{});

  // The same by hand: frame 0 of a clip is heard `kLate` frames after its recording begins.
  eval::PhoneJudge judge(judging.models.card().rig, judging.how);
  train::Experiment experiment;
  train::load_run_experiment(experiment, run);
  const auto& s = experiment.data.synth;
  const auto corpus = data::embedded_phones({s.clips, s.seconds, s.seed, s.rig}, {});
  for (const auto& result : results) {
    for (const auto& clip : corpus.clips) {
      if (clip.id == result.id) judge.add(result, kLate / result.fps, clip.phones);
    }
  }
  const auto expected = judge.finish();
  REQUIRE(report.phones.size() == expected.phones.size());
  CHECK(report.frames == expected.frames);
  for (const auto& phone : report.phones) {
    for (const auto& other : expected.phones) {
      if (other.name != phone.name) continue;
      CHECK(phone.occurrences == other.occurrences);
      CHECK(*phone.mse.value == Approx(*other.mse.value));
    }
  }
}

TEST_CASE("phones: a clip whose name two sets have is not given the other set's labels",
          "[train]") {
  // Two sets whose clips are called alike, joined: whose labels are meant, nobody knows.
  std::vector<std::string> recipes;
  for (const int64_t seed : {5, 6}) {
    const auto dir = workshop() / cat("twin", seed);
    if (!fs::exists(dir)) {
      synth::Options options;
      options.clips = 4;
      options.seconds = 2;
      options.seed = seed;
      synth::write_dataset(options, dir, {});
    }
    recipes.push_back((dir / "recipe.yaml").string());
  }
  const auto run = new_run();
  run_training(run, small({"model.head=mean", "data.synth.clips=0",
                           cat("data.recipe=[", recipes[0], ", ", recipes[1], "]")}));
  const auto judging = train::open_judging({run}, {});
  const auto results = train::predict(judging);
  REQUIRE(!results.empty());
  const auto caught_text =
      caught([&] { train::judge_phones(run, judging, results, train::PhoneLabels{}); }).text;
  CHECK(caught_text.find("has phones there") != std::string::npos);
}
