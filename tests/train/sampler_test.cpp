// What a training hears of a segment when its audio is changed.
#include "train/sampler.h"

#include <cmath>
#include <memory>
#include <set>

#include "catch.h"
#include "small_training.h"
#include "train/source.h"

using namespace kuchi;
using namespace kuchi::test;

namespace {

/// A training's clips and the sampler over them.
struct Heard {
  std::unique_ptr<train::Experiment> experiment;
  data::Store store;
  std::vector<data::Piece> pieces;
  train::Clips clips;
  train::Marks marks;
  train::Sampler sampler;

  explicit Heard(const Settings& settings) : Heard(loaded(settings)) {}

 private:
  static std::unique_ptr<train::Experiment> loaded(const Settings& settings) {
    workshop();
    auto e = std::make_unique<train::Experiment>();
    train::load(*e, "", small(settings));
    return e;
  }
  explicit Heard(std::unique_ptr<train::Experiment> e)
      : experiment(std::move(e)),
        store(
            data::Store::open(train::find_store(experiment->data, experiment->features, {"test"}))),
        pieces(data::pieces_of(data::split_store(store.info(), experiment->data.split),
                               data::Split::train)),
        clips(store, experiment->features, pieces, train::what_to_keep(*experiment)),
        marks(store, pieces, experiment->loss),
        sampler(*experiment, clips, marks, store.info(), pieces,
                train::statistics(clips, pieces).features) {}
};

}  // namespace

TEST_CASE(
    "sampler: a change that changes nothing gives the stored features, at a clip's ends and "
    "inside it",
    "[train]") {
  const Heard heard({"augment.level.p=1", "augment.level.most_db=0", "features.stack=3"});
  const auto& piece = heard.pieces[0];
  REQUIRE(piece.end - piece.begin > 40);
  for (const auto& [begin, end] :
       {std::pair{piece.begin, piece.begin + 20}, std::pair{piece.begin + 11, piece.begin + 31},
        std::pair{piece.end - 20, piece.end}}) {
    const data::Segment segment{piece.clip, begin, end};
    const auto changed = heard.sampler.sample(segment, 0);
    const auto stored = heard.clips.sample(segment);
    double off = 0;
    for (size_t i = 0; i < stored.features.data.size(); ++i) {
      off = std::max(
          off, std::abs(static_cast<double>(changed.features.data[i]) - stored.features.data[i]));
    }
    INFO("frames " << begin << " to " << end);
    CHECK(off <= 2e-6);  // times are counted from another sample
    CHECK(changed.targets.data == stored.targets.data);
  }
}

TEST_CASE("sampler: louder audio is louder log-mel, and the mouth is the same", "[train]") {
  const Heard heard({"augment.level.p=1", "augment.level.most_db=6"});
  const auto& piece = heard.pieces[0];
  const data::Segment segment{piece.clip, piece.begin, piece.end};
  const auto stored = heard.clips.sample(segment);
  bool louder = false, fainter = false;
  for (int64_t epoch = 0; epoch < 8; ++epoch) {
    const auto take = heard.sampler.take(segment, epoch);
    REQUIRE(take.drawn.size() == 1);
    const double db = take.drawn[0].value;
    const auto changed = heard.sampler.sample(segment, epoch);
    CHECK(changed.targets.data == stored.targets.data);
    // A band far above the floor in both: its log power moves by dB · ln(10) / 10.
    const auto loudest = static_cast<size_t>(
        std::max_element(stored.features.data.begin(), stored.features.data.end()) -
        stored.features.data.begin());
    const double moved = changed.features.data[loudest] - stored.features.data[loudest];
    CHECK(moved == Approx(db * std::log(10.0) / 10).margin(0.01));
    louder = louder || db > 1;
    fainter = fainter || db < -1;
  }
  CHECK((louder && fainter));
}

TEST_CASE("sampler: cached variants are drawn from as many as were asked for", "[train]") {
  const Heard heard({"augment.level.p=1", "augment.audio=cached", "augment.variants=2"});
  const auto& piece = heard.pieces[0];
  const data::Segment segment{piece.clip, piece.begin, piece.begin + 20};
  std::set<std::vector<float>> kinds;
  for (int64_t epoch = 0; epoch < 20; ++epoch) {
    kinds.insert(heard.sampler.sample(segment, epoch).features.data);
  }
  CHECK(kinds.size() == 2);
}

TEST_CASE("sampler: a training on changed audio is resumed to the same bits", "[train]") {
  const Settings settings = {"augment.speed.p=0.5",   "augment.pitch.p=0.5",
                             "augment.silence.p=0.5", "augment.background.p=0.5",
                             "loss.silence=0.1",      "train.schedule=constant"};
  const auto whole = new_run(), halves = new_run();
  auto two = small(settings), four = two;
  two.push_back("train.max_epochs=2");
  four.push_back("train.max_epochs=4");
  run_training(whole, four);
  run_training(halves, two);
  train::resume(halves, {"train.max_epochs=4"});
  CHECK(left(whole) == left(halves));
}
