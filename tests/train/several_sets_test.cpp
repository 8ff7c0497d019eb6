// Several data sets with unlike rigs in one training.
#include <ATen/ATen.h>

#include <cmath>

#include "../data/tone_sets.h"
#include "catch.h"
#include "child.h"
#include "small_training.h"
#include "train/evaluate_run.h"
#include "train/sampler.h"
#include "train/source.h"

using namespace kuchi;
using namespace kuchi::test;

namespace {

const fs::path& tone_folder() {
  static const fs::path dir = [] {
    const auto out = workshop() / "tones";
    tones_a().write_to(out);
    tones_b().write_to(out);
    return out;
  }();
  return dir;
}

/// A training on data sets of the folder: "a", "b".
Settings on_tones(const std::vector<std::string>& names, const Settings& more = {}) {
  std::vector<std::string> files;
  for (const auto& name : names) files.push_back((tone_folder() / (name + ".yaml")).string());
  return joined({"data.recipe=[" + join(files, ", ") + "]", "features.stack=1", "train.device=cpu",
                 "train.threads=1", "train.tensorboard=true", "eval.resamples=0"},
                more);
}

const Settings kTcn = {"model.head=tcn",          "model.tcn.width=24",   "model.tcn.blocks=1",
                       "model.tcn.output=[24]",   "model.tcn.dropout=0",  "train.batch_frames=180",
                       "train.segment_frames=90", "train.max_epochs=120", "train.lr=0.01"};

/// Squared error and r2 by curve on the test part of a run's store, or of another.
std::map<std::string, std::pair<double, double>> judged(const fs::path& run,
                                                        const std::string& store = "") {
  train::EvaluateOptions options;
  options.store = store;
  options.split = "test";
  options.device = "cpu";
  const auto judging = train::open_judging({run}, options);
  const auto suite = train::measure(judging, train::predict(judging));
  std::map<std::string, std::pair<double, double>> out;
  for (const auto& [name, scores] : suite.per_curve) {
    const auto mse = scores.value("mse");
    if (mse) out[name] = {*mse, scores.value("r2").value_or(-1)};
  }
  return out;
}

std::string store_of(const fs::path& run) {
  return nlohmann::json::parse(file_bytes(run / "data.json")).at("store");
}

void check_finite(const fs::path& run) {
  for (const auto& [name, tensor] : saved(run)) {
    INFO(name);
    if (tensor.is_floating_point()) CHECK(at::isfinite(tensor).all().item<bool>());
  }
}

/// The whole says of each curve, where a set has it, what a model of that set alone says.
/// What only one set has is as good as `worse` times the squared error; what both have may gain.
void check_as_alone(const Settings& head, double worse) {
  const auto a = new_run(), b = new_run(), both = new_run();
  run_training(a, on_tones({"a"}, head));
  run_training(b, on_tones({"b"}, head));
  run_training(both, on_tones({"a", "b"}, head));
  check_finite(both);
  const auto data = nlohmann::json::parse(file_bytes(both / "data.json"));
  CHECK(data.at("curves") == nlohmann::json({"low", "high", "both", "inverse"}));
  CHECK(data.at("name") == "a + b");
  for (const auto& alone : {a, b}) {
    const auto own = judged(alone), joint = judged(both, store_of(alone));
    CHECK(own.size() == 3);
    REQUIRE(joint.size() == 3);
    for (const auto& [name, score] : own) {
      INFO(name << ": alone mse " << score.first << ", r2 " << score.second << "; joint mse "
                << joint.at(name).first << ", r2 " << joint.at(name).second);
      CHECK(score.second > 0.9);
      CHECK(joint.at(name).second > score.second - 0.02);
      if (name == "both" || name == "inverse") CHECK(joint.at(name).first < worse * score.first);
    }
  }
  CHECK(judged(both).size() == 4);
}

}  // namespace

TEST_CASE("several data sets: a solved head says each curve as where it learnt it alone",
          "[train][slow]") {
  check_as_alone({"model.head=linear", "model.linear.context=1", "model.linear.ridge=0.001"}, 1.1);
}

TEST_CASE(
    "several data sets: a head that is descended to says each curve as where it learnt it "
    "alone",
    "[train][slow]") {
  check_as_alone(kTcn, 2);
}

TEST_CASE("several data sets: every loss and change of a clip keeps what is not there away",
          "[train][slow]") {
  const auto dir = tone_folder();
  ToneSet sided{"sided", {"low", "high", "both"}, "s", 4, 5};
  sided.mirrors = {{"low", "high"}, {"high", "low"}};
  sided.aperture = "both";
  const ToneSet half{"half", {"inverse", "low"}, "h", 4, 6};
  sided.write_to(dir);
  half.write_to(dir);
  const Settings changes = {"augment.mirror.p=0.5", "augment.silence.p=0.5",
                            "augment.muted.p=0.2",  "augment.rate=0.1",
                            "loss.velocity=0.001",  "loss.acceleration=1e-6",
                            "loss.lips=1",          "loss.closure=0.01",
                            "loss.silence=0.01",    "loss.curve_weights={inverse: 2}"};
  const auto run = new_run();
  run_training(run, on_tones({"sided", "half"},
                             joined(joined(kTcn, changes),
                                    {"train.max_epochs=4", "train.grad_accumulation=2"})));
  check_finite(run);
  for (const auto& event : events(run)) {
    CHECK(event.at("event") == "epoch");
    CHECK(std::isfinite(event.at("loss").get<double>()));
  }
  // A mirror brings the other side's curve, and takes its own.
  train::Experiment experiment;
  train::load(experiment, "", on_tones({"sided", "half"}, joined(changes, {"augment.mirror.p=1"})));
  const auto store =
      data::Store::open(train::find_store(experiment.data, experiment.features, {"test"}));
  const auto& info = store.info();
  REQUIRE(info.rig.names() == std::vector<std::string>{"low", "high", "both", "inverse"});
  const auto clip = info.clip_index("h0");
  const std::vector<data::Piece> pieces = {{clip, data::Split::train, 0, 90}};
  const train::Clips clips(store, experiment.features, pieces, train::what_to_keep(experiment));
  const train::Marks marks(store, pieces, experiment.loss);
  features::Moments moments{std::vector<double>(80, 0.0), std::vector<double>(80, 1.0)};
  const train::Sampler sampler(experiment, clips, marks, info, pieces, moments);
  const auto sample = sampler.sample({clip, 0, 90}, 0);
  CHECK(sample.present == std::vector<bool>{false, true, false, true});
  CHECK(sample.lipless);
  CHECK(clips.sample({clip, 0, 90}).present == std::vector<bool>{true, false, false, true});
}

TEST_CASE("several data sets: train.init takes over the curves of one of them by name",
          "[train][slow]") {
  const auto b = new_run(), both = new_run();
  run_training(b, on_tones({"b"}, joined(kTcn, {"train.max_epochs=2"})));
  run_training(
      both, on_tones({"a", "b"}, joined(kTcn, {"train.max_epochs=1", "train.init=" + b.string()})));
  const auto begun = events(both).front();
  REQUIRE(begun.at("event") == "init");
  CHECK(begun.at("curves") == nlohmann::json({"low", "high", "inverse"}));
  CHECK(begun.at("fresh_curves") == nlohmann::json({"both"}));
}

TEST_CASE(
    "several data sets: stores in a list are what their recipes are, and a lost one is made "
    "again",
    "[train][slow]") {
  const auto head = Settings{"model.head=mean"};
  const auto a = new_run(), b = new_run(), of_recipes = new_run(), of_stores = new_run();
  run_training(a, on_tones({"a"}, head));
  run_training(b, on_tones({"b"}, head));
  run_training(of_recipes, on_tones({"a", "b"}, head));
  run_training(of_stores, {"data.store=[" + store_of(a) + ", " + store_of(b) + "]",
                           "features.stack=1", "train.device=cpu", "model.head=mean"});
  const auto store = store_of(of_stores);
  CHECK(store == store_of(of_recipes));
  CHECK(at::equal(saved(of_stores).at("head.mean"), saved(of_recipes).at("head.mean")));
  // The mean of a curve is over the clips that have it.
  CHECK(saved(of_stores).at("head.mean")[2].item<float>() ==
        Approx(saved(a).at("head.mean")[2].item<float>()));
  CHECK(saved(of_stores).at("head.mean")[3].item<float>() ==
        Approx(saved(b).at("head.mean")[1].item<float>()));
  fs::remove(store);
  CHECK(judged(of_stores).size() == 4);
  CHECK(fs::exists(store));
}

TEST_CASE("several data sets: a curve that only held-out clips have is refused", "[train][slow]") {
  const auto told = caught([] {
    run_training(new_run(),
                 on_tones({"a", "b"}, {"model.head=mean", "data.split.by=list",
                                       "data.split.valid=[a0]", "data.split.test=[\"b*\"]"}));
  });
  CHECK(told.code == 2);
  CHECK(told.has("\"inverse\""));
}

TEST_CASE("several data sets: two processes give the weights of one with the joint batch",
          "[train][slow]") {
  const auto run_of = [](const fs::path& run, const Settings& more) {
    std::vector<std::string> line = {"train", std::string(KUCHI_SOURCE_DIR) + "/configs/base.yaml",
                                     "--out", run.string()};
    const Settings how = {"train.max_epochs=2", "loss.velocity=0.001", "loss.closure=0.01",
                          "loss.silence=0.01"};
    line = joined(std::move(line), on_tones({"a", "b"}, joined(joined(kTcn, how), more)));
    return program(line);
  };
  const auto one = new_run(), two = new_run();
  REQUIRE(run_of(one, {"train.grad_accumulation=4"}) == 0);
  REQUIRE(run_of(two, {"train.grad_accumulation=2", "--nproc", "2"}) == 0);
  const auto of_one = saved(one), of_two = saved(two);
  for (const auto& [name, tensor] : of_one) {
    INFO(name);
    CHECK((tensor - of_two.at(name)).abs().max().item<double>() <= 1e-5);
  }
}
