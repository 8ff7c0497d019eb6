// Provenance through store, run, checkpoint and the loaded model.
#include "core/provenance.h"

#include "catch.h"
#include "data/fixture.h"
#include "train/run.h"
#include "train/small_training.h"

using namespace kuchi;
namespace fs = std::filesystem;

TEST_CASE("provenance: data.consent goes into store, run, checkpoint and model", "[train]") {
  test::workshop();
  test::SmallSet set({"a", "b", "c", "d"});
  set.recipe(
      "consent: required\npermitted_use: research\nsynthetic_mark: made by a machine\n"
      "split: {by: clip, valid: 0.25, test: 0.25}\n");
  const auto run = test::new_run();
  test::Settings settings = {"data.recipe=" + set.file().string(), "model.head=mean",
                             "train.device=cpu"};
  const auto refused = test::caught([&] { test::run_training(run, settings); });
  CHECK(refused.code == 2);
  CHECK(refused.text.starts_with(set.file().string() + ":6:1: consent is required"));
  CHECK_FALSE(fs::exists(run));

  settings.emplace_back("data.consent=signed, all of them");
  test::run_training(run, settings);

  const Provenance wanted{"small", "CC0", "signed, all of them", "research", "made by a machine"};
  const auto data = train::read_run_data(run);
  CHECK(train::run_provenance(data) == wanted);
  CHECK(data::Store::open(data.at("store").get<std::string>()).info().provenance == wanted);
  CHECK(train::load_trained(run, "best", "cpu").model->card().provenance == wanted);
  CHECK(test::file_bytes(run / "config.resolved.yaml").find("signed, all of them") !=
        std::string::npos);
}

TEST_CASE("provenance: the embedded set's is its own, whatever data.consent says of people",
          "[train]") {
  const auto run = test::new_run();
  test::run_training(run, test::small({"model.head=mean", "data.consent=signed"}));
  const auto provenance = train::load_trained(run, "best", "cpu").model->card().provenance;
  CHECK(provenance.data == "synth");
  CHECK(provenance.licence == "Apache-2.0");
  CHECK(provenance.consent.starts_with("none is needed, no person was recorded"));
  CHECK(provenance.synthetic_mark == kSyntheticMark);
}

TEST_CASE("provenance: runs and checkpoints older than its fields say nothing and are marked",
          "[train]") {
  CHECK(train::run_provenance({{"name", "set"}, {"licence", "CC0"}, {"consent", "signed"}}) ==
        Provenance{"set", "CC0", "signed", "", kSyntheticMark});
  CHECK(train::checkpoint_provenance({{"format", "kuchi-model-1"}, {"head", "mean"}}) ==
        Provenance{"", "", "", "", kSyntheticMark});
  CHECK(train::checkpoint_provenance({{"synthetic_mark", ""}}).synthetic_mark.empty());
}
