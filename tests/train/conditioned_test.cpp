// Trainings that are told who speaks and how: what only the label says is learnt, and nothing else
// changes.
#include <ATen/ATen.h>

#include <cmath>

#include "../data/fixture.h"
#include "../encoders/small_encoder.h"
#include "catch.h"
#include "encoders/load.h"
#include "farthest.h"
#include "small_training.h"
#include "train/evaluate_run.h"
#include "train/session.h"
#include "train/warm_start.h"

using namespace kuchi;
using namespace kuchi::test;

namespace {

/// Clips of a second, the same noise whoever speaks: `open` is 0.25 for anna and 0.75 for bob,
/// `side` is -0.5 said calmly, and 0.6 times the intensity said loudly; with a little movement.
/// wav/SPEAKER_STYLE_INTENSITY/ID.wav, recipe.yaml.
struct LabelledSet {
  fs::path dir;
  explicit LabelledSet(const std::string& name, const std::vector<std::string>& speakers)
      : dir(workshop() / name) {
    write(dir / "two.yaml",
          "name: two\ncurves:\n  - {name: open, range: [0, 1]}\n"
          "  - {name: side, range: [-1, 1]}\naperture: \"open\"\n");
    write(dir / "names.txt", "open\nside\n");
    for (size_t s = 0; s < speakers.size(); ++s) {
      for (const std::string how : {"calm_1", "loud_1", "loud_05"}) {
        for (int take = 0; take < 4; ++take)
          add(speakers[s], how, take, open_of(s, speakers.size()));
      }
    }
    recipe("{speaker}_{style}_{intensity}");
  }
  static double open_of(size_t speaker, size_t speakers) {
    return 0.25 + 0.5 * static_cast<double>(speaker) / std::max<double>(1, speakers - 1);
  }
  void add(const std::string& speaker, const std::string& how, int take, double open) const {
    const auto in = [&](const char* kind) {
      const auto sub =
          dir / kind / (how == "loud_05" ? speaker + "_loud_0.5" : speaker + "_" + how);
      fs::create_directories(sub);
      return sub / cat("t", take);
    };
    audio::write_wav(in("wav").string() + ".wav", tone(16000, static_cast<uint64_t>(take) + 1));
    Matrix curves(30, 2);
    const double side = how == "calm_1" ? -0.5 : how == "loud_1" ? 0.6 : 0.3;
    for (int64_t j = 0; j < 30; ++j) {
      const double wave = 0.02 * std::sin(static_cast<double>(j) / 3);
      curves(j, 0) = static_cast<float>(open + wave);
      curves(j, 1) = static_cast<float>(side - wave);
    }
    io::write_npy(in("curves").string() + ".npy", curves);
  }
  /// With the labels that the folders' names are said to be.
  void recipe(const std::string& labels) const {
    write(
        dir / "recipe.yaml",
        cat("name: labelled\nlicence: CC0\nfps: 30\nrig: two.yaml\n", "clips: {audio: \"wav/",
            labels, "/{id}.wav\", curves: \"curves/", labels, "/{id}.npy\", names: names.txt}\n"));
  }
};

const LabelledSet& anna_and_bob() {
  static const LabelledSet set("labelled", {"anna", "bob"});
  return set;
}

/// A training of seconds on it.
Settings told(const Settings& more = {}) {
  auto all = small({"data.recipe=" + (anna_and_bob().dir / "recipe.yaml").string(),
                    "data.split.valid=0.2", "data.split.test=0", "train.batch_frames=60",
                    "train.segment_frames=0", "train.max_epochs=60", "train.lr=0.01",
                    "train.patience=0", "model.bilstm.dropout=0", "model.bilstm.lstm_dropout=0",
                    "model.bilstm.projection=[16]", "model.bilstm.layers=1"});
  std::erase_if(all, [](const auto& o) { return o.rfind("data.synth", 0) == 0; });
  return joined(all, more);
}

const Settings kTellAll = {"model.condition.speaker=true", "model.condition.style=true",
                           "model.condition.intensity=true", "model.condition.width=4"};

double valid_mse(const fs::path& run) {
  double best = 1e9;
  for (const auto& e : epochs(run)) best = std::min(best, e.at("valid").at("mse").get<double>());
  return best;
}

/// The mean of each curve that a run gives for noise.
std::vector<double> means(const fs::path& run, const models::Asked& asked) {
  train::Ensemble models({run}, "last", "cpu");
  models.tell(asked);
  const auto y = models.predict(tone(16000, 99), 30);
  std::vector<double> out(static_cast<size_t>(y.cols), 0);
  for (int64_t j = 0; j < y.rows; ++j) {
    for (int64_t c = 0; c < y.cols; ++c) out[static_cast<size_t>(c)] += y(j, c) / y.rows;
  }
  return out;
}

/// Tensors and metadata of a run's last checkpoint.
edge::TensorFile checkpoint_of(const fs::path& run) {
  return edge::load_tensors(train::find_checkpoint(run, "last") / "model.safetensors");
}

}  // namespace

TEST_CASE("conditioned: what only the label says is learnt by who is told, and by no other",
          "[train][slow]") {
  const auto deaf = new_run(), run = new_run();
  const Settings tcn = {"model.head=tcn", "model.tcn.width=16", "model.tcn.blocks=1",
                        "model.tcn.dropout=0", "train.max_epochs=80"};
  run_training(deaf, told(tcn));
  run_training(run, told(joined(kTellAll, joined(tcn, {"model.condition.width=16"}))));
  INFO("mse without labels " << valid_mse(deaf) << ", with " << valid_mse(run));
  // Without labels the mean is the best there is: a variance of 0.0625, and one of some 0.2.
  CHECK(valid_mse(deaf) > 0.05);
  CHECK(valid_mse(run) < 0.1 * valid_mse(deaf));

  const auto anna = means(run, {"anna", "calm", {}}), bob = means(run, {"bob", "calm", {}});
  CHECK(anna[0] == Approx(0.25).margin(0.1));
  CHECK(bob[0] == Approx(0.75).margin(0.1));
  CHECK(anna[1] == Approx(-0.5).margin(0.1));
  const auto none = means(run, {"anna", "loud", 0.0}), half = means(run, {"anna", "loud", 0.5}),
             whole = means(run, {"anna", "loud", 1.0});
  CHECK(whole[0] == Approx(0.25).margin(0.1));
  CHECK(whole[1] == Approx(0.6).margin(0.1));
  CHECK(half[1] < whole[1] - 0.1);  // half of a style lies between it and none
  CHECK(half[1] > none[1] + 0.03);
  CHECK(none[1] == Approx(means(run, {"anna", {}, {}})[1]).margin(1e-6));  // the pivot
  // Nobody is between both.
  const auto nobody = means(run, {{}, "calm", {}});
  CHECK(nobody[0] > anna[0] + 0.05);
  CHECK(nobody[0] < bob[0]);
  CHECK(means(deaf, {})[0] == Approx(0.5).margin(0.15));
  CHECK(caught([&] { means(deaf, {"anna", {}, {}}); }).has("without model.condition.speaker"));
  CHECK(caught([&] { means(run, {"bobb", {}, {}}); }).has("did you mean \"bob\"?"));

  // Judged by its labels, in batches, it is what it says of each clip told the same.
  train::EvaluateOptions options;
  options.checkpoint = "last";
  options.device = "cpu";
  options.split = "all";
  const auto judging = train::open_judging({run}, options);
  train::Ensemble models({run}, "last", "cpu");
  const auto results = train::predict(judging);
  REQUIRE(results.size() == 24);
  for (const auto& result : results) {
    const auto clip = judging.store.info().clip_index(result.id);
    const auto& labels = judging.store.info().clips[static_cast<size_t>(clip)].labels;
    models.tell({labels.at("speaker"), labels.at("style"), std::stod(labels.at("intensity"))});
    const auto alone = models.predict(judging.store.read_audio(clip), result.prediction.rows);
    CHECK(test::farthest(alone.data, result.prediction.data) <= 1e-5F);
  }
}

TEST_CASE("conditioned: a speaker that was never told is the pivot", "[train][slow]") {
  // Bob is held out: in the validation part he is judged as nobody.
  const auto run = new_run();
  run_training(run, told(joined(kTellAll, {"data.split.by=speaker", "data.split.valid=0.5",
                                           "data.split.test=0", "train.max_epochs=2"})));
  const auto v = models::vocabulary_from(checkpoint_of(run).metadata.at("condition"), "f");
  REQUIRE(v.speakers.size() == 1);
  train::EvaluateOptions options;
  options.device = "cpu";
  options.split = "valid";
  options.checkpoint = "last";
  const auto judging = train::open_judging({run}, options);
  const auto results = train::predict(judging);
  REQUIRE(results.size() == 12);
  train::Ensemble models({run}, "last", "cpu");
  for (const auto& result : results) {
    const auto clip = judging.store.info().clip_index(result.id);
    const auto& labels = judging.store.info().clips[static_cast<size_t>(clip)].labels;
    CHECK(labels.at("speaker") != v.speakers[0]);
    models.tell({{}, labels.at("style"), std::stod(labels.at("intensity"))});
    const auto alone = models.predict(judging.store.read_audio(clip), result.prediction.rows);
    CHECK(alone(7, 0) == Approx(result.prediction(7, 0)).margin(1e-5));
  }
}

TEST_CASE("conditioned: a resume is bit for bit the uninterrupted training", "[train][slow]") {
  const auto whole = new_run();
  const auto kind =
      joined(kTellAll, {"model.condition.pivot=0.4", "augment.rate=0.2", "train.ema=0.9",
                        "model.bilstm.dropout=0.2", "train.max_epochs=4", "train.batch_frames=120",
                        "train.segment_frames=20"});
  run_training(
      whole,
      told(joined(kind, {"train.keep=100", "train.checkpoint_steps=3", "train.loader_threads=3"})));
  const auto before = left(whole);
  const auto all = train::list_checkpoints(whole);
  REQUIRE(all.size() >= 5);
  for (size_t i = all.size() / 2; i < all.size(); ++i) fs::remove_all(all[i].second);
  train::resume(whole, {"train.loader_threads=1"});
  CHECK_SAME(left(whole), before);
  CHECK(saved(whole).count("condition.speaker") == 1);
  const auto other = new_run();
  run_training(other, told(joined(kind, {"model.condition.pivot=0"})));
  const bool same = left(other).model == left(whole).model;
  CHECK_FALSE(same);  // the pivot's rows are drawn
  // The names are part of what a run is.
  const auto refused = caught([&] {
    train::resume(whole, {"model.condition.style=false", "model.condition.intensity=false"});
  });
  CHECK(refused.code == 3);
  CHECK(refused.has("with other speakers or styles"));
}

TEST_CASE("conditioned: with nothing asked a checkpoint is what it was", "[train]") {
  const auto run = new_run();
  run_training(run, told({"train.max_epochs=1", "model.condition.width=99"}));
  const auto file = checkpoint_of(run);
  CHECK(file.metadata.count("condition") == 0);
  for (const auto& [name, value] : file.tensors) CHECK(name.find("condition") == std::string::npos);
}

TEST_CASE("conditioned: a warm start goes by the names, a new one begins as the pivot",
          "[train][slow]") {
  const auto first = new_run(), second = new_run();
  run_training(first, told(joined(kTellAll, {"train.max_epochs=2"})));
  const LabelledSet more("more-labelled", {"carl", "bob", "amy"});
  Settings settings = told(
      joined(kTellAll, {"data.recipe=" + (more.dir / "recipe.yaml").string(), "train.max_epochs=1",
                        "train.init=" + first.string(), "train.lr=1e-30", "train.weight_decay=0"}));
  run_training(second, settings);
  const auto a = saved(first, "best"), b = saved(second);
  const auto &old = a.at("condition.speaker"), &now = b.at("condition.speaker");
  REQUIRE(old.size(0) == 3);  // pivot, anna, bob
  REQUIRE(now.size(0) == 4);  // pivot, amy, bob, carl
  const std::vector<int64_t> from = {0, 0, 2, 0};
  for (int64_t i = 0; i < 4; ++i) {
    CHECK(at::allclose(now[i], old[from[static_cast<size_t>(i)]], 0, 1e-6));
  }
  CHECK(at::allclose(b.at("condition.style"), a.at("condition.style"), 0, 1e-6));
  const auto event = events(second)[0];
  CHECK(event.at("names") == nlohmann::json::array({"bob"}));
  CHECK(event.at("fresh_names") == nlohmann::json::array({"amy", "carl"}));
  CHECK(event.at("fresh").empty());
}

TEST_CASE(
    "conditioned: a model that was told nothing goes on as it was, and learns names from there",
    "[train][slow]") {
  const auto first = new_run(), second = new_run(), back = new_run();
  const auto last = [](const fs::path& run) {
    return train::find_checkpoint(run, "last").string();
  };
  run_training(first, told({"train.max_epochs=4"}));
  run_training(second, told(joined(kTellAll, {"train.max_epochs=1", "train.init=" + last(first),
                                              "train.lr=1e-30", "train.weight_decay=0"})));
  const auto event = events(second)[0];
  CHECK(event.at("by_feature") == nlohmann::json::array({"head.projection.0.weight"}));
  CHECK(event.at("left").empty());
  CHECK(event.at("fresh").size() == 2);  // the tables
  const auto before = means(first, {});
  for (const models::Asked& asked : {models::Asked{}, models::Asked{"bob", "loud", 1.0}}) {
    const auto after = means(second, asked);
    for (size_t c = 0; c < before.size(); ++c) CHECK(after[c] == Approx(before[c]).margin(1e-5));
  }
  // And the other way round: what the layer makes of the vector is left.
  run_training(back, told({"train.max_epochs=1", "train.init=" + last(second), "train.lr=1e-30",
                           "train.weight_decay=0"}));
  CHECK(events(back)[0].at("left").size() == 2);
  CHECK(means(back, {})[0] == Approx(before[0]).margin(1e-5));
}

TEST_CASE("conditioned: what cannot be is refused before anything", "[train]") {
  const auto load = [](const Settings& more) {
    return caught([&] {
      train::Experiment experiment;
      train::load(experiment, "", small(more));
    });
  };
  CHECK(load({"model.condition.intensity=true"}).has("add model.condition.style=true"));
  const auto mean = load({"model.head=mean", "model.condition.style=true"});
  CHECK(mean.code == 2);
  CHECK(mean.has("model.condition.style: model.head=mean answers the same whatever it is told"));
  CHECK(load({"model.condition.pivot=1"}).code == 2);
  CHECK(load({"model.condition.width=0"}).code == 2);
  CHECK(load({"model.condition.speakers=true"}).has("model.condition.speaker"));
  const auto run = new_run();
  const LabelledSet set("unlabelled", {"anna"});
  set.recipe("{language}");
  const auto bare = caught([&] {
    run_training(run, told({"data.recipe=" + (set.dir / "recipe.yaml").string(),
                            "model.condition.speaker=true"}));
  });
  CHECK(bare.code == 2);
  CHECK(bare.has("no clip of the training part has a label speaker"));
  CHECK_FALSE(fs::exists(run));
}

TEST_CASE("conditioned: a tuned encoder's head is told too", "[train][slow]") {
  const auto encoder = workshop() / "conditioned-encoder";
  encoders::save(*small_encoder(small_config()), encoder);
  const auto run = new_run(), deaf = new_run();
  const auto tuned = [&](const Settings& more) {
    return told(joined({"model.head=wav2vec2", "model.wav2vec2.encoder=" + encoder.string(),
                        "model.wav2vec2.tune=frozen", "train.max_epochs=25", "train.lr=0.03"},
                       more));
  };
  run_training(deaf, tuned({}));
  run_training(run, tuned(kTellAll));
  INFO("mse without labels " << valid_mse(deaf) << ", with " << valid_mse(run));
  CHECK(valid_mse(run) < 0.3 * valid_mse(deaf));
  CHECK(means(run, {"bob", {}, {}})[0] > means(run, {"anna", {}, {}})[0] + 0.2);
}

TEST_CASE("conditioned: ridge regression learns an offset for each name", "[train][slow]") {
  const auto run = new_run(), deaf = new_run();
  const Settings linear = {"model.head=linear", "model.linear.context=1",
                           "model.linear.ridge=1e-3"};
  run_training(deaf, told(linear));
  run_training(run, told(joined(linear, kTellAll)));
  INFO("mse without labels " << valid_mse(deaf) << ", with " << valid_mse(run));
  CHECK(valid_mse(run) < 0.1 * valid_mse(deaf));
  // Offsets add up, and the speaker's does not depend on the sound.
  const auto nobody = means(run, {});
  const auto anna = means(run, {"anna", {}, {}}), bob = means(run, {"bob", {}, {}});
  const auto loud = means(run, {"bob", "loud", 1.0}), half = means(run, {"bob", "loud", 0.5});
  CHECK(bob[0] - anna[0] == Approx(0.5).margin(0.05));
  CHECK(nobody[0] == Approx((anna[0] + bob[0]) / 2).margin(0.1));
  CHECK(half[1] == Approx((bob[1] + loud[1]) / 2).margin(1e-5));
  for (const auto& [name, value] : saved(run)) {
    CHECK(name.find("condition") == std::string::npos);  // the rows follow from the names
  }
  CHECK(checkpoint_of(run).metadata.count("condition") == 1);
}
