#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <functional>

#include "../encoders/small_encoder.h"
#include "../models/golden.h"
#include "catch.h"
#include "edge/tensor_file.h"
#include "encoders/load.h"
#include "farthest.h"
#include "small_training.h"
#include "train/clips.h"
#include "train/ensemble.h"
#include "train/evaluate_run.h"

using namespace kuchi;
using namespace kuchi::test;

namespace {

const fs::path& encoder_dir() {
  static const fs::path kDir = [] {
    auto dir = workshop() / "encoder";
    at::set_num_threads(1);  // as the trainings: norms of weights are sums, ordered by threads
    encoders::save(*small_encoder(small_config()), dir);
    return dir;
  }();
  return kDir;
}

Settings tuned(const Settings& more = {}) {
  Settings all = small({"model.head=wav2vec2", "model.wav2vec2.encoder=" + encoder_dir().string(),
                        "model.wav2vec2.top_layers=1", "train.schedule=constant", "train.warmup=0",
                        "train.max_epochs=2", "model.wav2vec2.mask_time_length=4"});
  all.insert(all.end(), more.begin(), more.end());
  return all;
}

Caught config_mistake(const Settings& more) {
  return caught([&] {
    train::Experiment experiment;
    train::load(experiment, "", tuned(more));
  });
}

Matrix answer(const fs::path& run, const std::vector<std::string>& encoders = {}) {
  const train::Ensemble models({run}, "last", "cpu", encoders);
  const auto audio = noise(16000);
  return models.predict({audio.const_data_ptr<float>(), 16000}, 30);
}

const Settings kWild = {"train.ema=0.9",
                        "train.grad_accumulation=2",
                        "model.wav2vec2.layer=weighted",
                        "model.wav2vec2.layer_decay=0.7",
                        "model.wav2vec2.mask_time_prob=0.3",
                        "model.wav2vec2.mask_feature_prob=0.2",
                        "model.wav2vec2.mask_feature_length=2",
                        "model.wav2vec2.layer_drop=0.3",
                        "model.wav2vec2.attention_dropout=0.1",
                        "model.wav2vec2.activation_dropout=0.1",
                        "model.wav2vec2.lora.dropout=0.1"};

}  // namespace

TEST_CASE("fine-tuning: what is tuned moves, what is frozen does not", "[train][slow]") {
  const auto base = encoders::load(encoder_dir())->tensors();
  for (const std::string tune : {"frozen", "top", "all", "lora"}) {
    INFO(tune);
    const auto run = new_run();
    run_training(run, tuned({"model.wav2vec2.tune=" + tune, "model.wav2vec2.save=all",
                             "model.wav2vec2.layer_drop=0"}));
    auto tensors = saved(run);
    for (const auto& [name, before] : base) {
      const bool layer = name.rfind("encoder.layers.", 0) == 0;
      bool moves = tune == "all" && name.rfind("feature_extractor.", 0) != 0;
      if (tune == "top") moves = name.rfind("encoder.layers.2.", 0) == 0;
      const bool moved = !at::equal(tensors.at("head.encoder." + name), before.detach());
      INFO(name << (layer ? " of a layer" : ""));
      CHECK(moved == moves);
    }
    if (tune == "lora") {
      CHECK(tensors.at("head.encoder.encoder.layers.0.attention.q_proj.lora_b")
                .abs()
                .max()
                .item<double>() > 0);
    }
    CHECK(tensors.at("head.head.output.weight").abs().max().item<double>() > 0);
  }
}

TEST_CASE("fine-tuning: a resume is bit for bit the uninterrupted training", "[train][slow]") {
  for (const std::string tune : {"frozen", "top", "all", "lora"}) {
    for (const std::string checkpointing : {"false", "true"}) {
      if (tune == "frozen" && checkpointing == "true") continue;
      INFO(tune << " " << checkpointing);
      const auto kind = joined(
          kWild, {"model.wav2vec2.tune=" + tune, "model.wav2vec2.checkpointing=" + checkpointing});
      const auto whole = new_run(), parts = new_run();
      run_training(whole, tuned(joined(kind, {"train.max_epochs=3"})));
      run_training(parts, tuned(joined(kind, {"train.max_epochs=1"})));
      train::resume(parts, {"train.max_epochs=3"});
      CHECK_SAME(left(whole), left(parts));
      CHECK(events(whole) == events(parts));
    }
  }
}

TEST_CASE("fine-tuning: checkpoints hold what changed, and name the rest", "[train][slow]") {
  const auto run = new_run();
  run_training(run, tuned({"model.wav2vec2.tune=frozen"}));
  for (const auto& [name, tensor] : saved(run)) {
    INFO(name);
    CHECK(name.find("head.encoder.") == std::string::npos);
  }
  const auto file = train::find_checkpoint(run, "last") / "model.safetensors";
  const auto metadata = edge::load_tensors(file).metadata;
  CHECK(metadata.at("encoder") == encoder_dir().string());
  CHECK(metadata.at("encoder_hash") == encoders::hash(encoder_dir()));
  CHECK(metadata.at("encoder_family") == "wav2vec2");
  CHECK(metadata.at("features") == "audio");
  const auto moments =
      edge::load_tensors(train::find_checkpoint(run, "last") / "optimizer.safetensors").tensors;
  CHECK(moments.count("exp_avg/head.head.output.weight") == 1);
  CHECK(moments.size() == 3 * 4);  // three of each of four parameters

  const auto lora = new_run();
  run_training(lora, tuned({"model.wav2vec2.tune=lora"}));
  int adapters = 0;
  for (const auto& [name, tensor] : saved(lora)) {
    const bool of_encoder = name.find("head.encoder.") == 0;
    if (of_encoder) CHECK(name.find(".lora_") != std::string::npos);
    adapters += of_encoder;
  }
  CHECK(adapters == 3 * 2 * 2);
}

TEST_CASE("fine-tuning: the loss falls, and the encoder is part of it", "[train][slow]") {
  std::map<std::string, double> last;
  for (const std::string tune : {"frozen", "all"}) {
    const auto run = new_run();
    run_training(run, tuned({"model.wav2vec2.tune=" + tune, "model.wav2vec2.lr_scale=1",
                             "data.split.by=none", "train.lr=3e-3", "train.max_epochs=30",
                             "model.wav2vec2.mask_time_prob=0", "model.wav2vec2.dropout=0",
                             "model.wav2vec2.layer_drop=0"}));
    const auto told = epochs(run);
    last[tune] = told.back().at("loss");
    CHECK(last[tune] < (tune == "all" ? 0.8 : 0.95) * told.front().at("loss").get<double>());
  }
  CHECK(last["all"] < 0.9 * last["frozen"]);
}

TEST_CASE("fine-tuning: a moved encoder is asked for, another one refused", "[train][slow]") {
  const auto home = workshop() / "moving", away = workshop() / "moved";
  fs::copy(encoder_dir(), home);
  const auto run = new_run();
  run_training(run, tuned({"model.wav2vec2.tune=lora", "model.wav2vec2.encoder=" + home.string()}));
  const auto before = answer(run);
  fs::rename(home, away);

  auto refused = caught([&] { answer(run); });
  CHECK(refused.code == 3);
  CHECK(refused.has("stands on a wav2vec2 encoder with the hash " + encoders::hash(away)));
  CHECK(refused.has("which was " + home.string() + " and is there no longer"));
  CHECK(refused.has("--encoder DIR"));
  const bool same = answer(run, {away.string()}).data == before.data;
  CHECK(same);
  CHECK(caught([&] { answer(run, {(workshop() / "nowhere").string()}); }).code == 3);
  CHECK(caught([&] { train::resume(run, {}); }).code == 3);
  train::resume(run, {"train.max_epochs=3", "model.wav2vec2.encoder=" + away.string()});

  auto other = small_encoder(small_config());
  {
    const at::NoGradGuard no_grad;
    other->parameters()[0].add_(0.01);
  }
  encoders::save(*other, home);
  // Where it lies is known from the resume on; another one, named, is not passed over.
  CHECK(caught([&] { answer(run); }).code == 0);
  refused = caught([&] { answer(run, {home.string()}); });
  CHECK(refused.code == 2);
  CHECK(refused.has("does not stand on this encoder"));
  fs::rename(away, workshop() / "moved again");
  refused = caught([&] { answer(run, {home.string()}); });
  CHECK(refused.code == 3);
  CHECK(refused.has("another encoder"));
  CHECK(refused.has(encoders::hash(home)));
}

TEST_CASE("fine-tuning: a checkpoint of everything needs no encoder", "[train][slow]") {
  const auto home = workshop() / "spare";
  fs::copy(encoder_dir(), home);
  const Settings kind = {"model.wav2vec2.encoder=" + home.string()};
  const auto all = new_run(), changed = new_run();
  run_training(all, tuned(joined(kind, {"model.wav2vec2.save=all"})));
  run_training(changed, tuned(kind));
  const bool same = answer(all).data == answer(changed).data;
  CHECK(same);
  const auto whole = new_run();
  run_training(whole, tuned(joined(kind, {"model.wav2vec2.save=all", "train.max_epochs=3"})));
  fs::remove_all(home);
  const auto before = answer(changed, {encoder_dir().string()});  // the same by its hash
  const bool alone = answer(all).data == before.data;
  CHECK(alone);
  train::resume(all, {"train.max_epochs=3"});
  CHECK_SAME(left(all), left(whole));
}

TEST_CASE("fine-tuning: judged in batches as predicted alone", "[train][slow]") {
  const auto run = new_run();
  run_training(run, tuned({"model.wav2vec2.head=bilstm", "train.max_epochs=1"}));
  train::EvaluateOptions options;
  options.checkpoint = "last";
  options.device = "cpu";
  options.split = "all";
  const auto judging = train::open_judging({run}, options);
  const auto results = train::predict(judging);
  REQUIRE(results.size() == 8);
  for (const auto& result : results) {
    const auto clip = judging.store.info().clip_index(result.id);
    const auto audio = judging.store.read_audio(clip);
    const auto alone = judging.models.predict(audio, result.prediction.rows);
    CHECK(test::farthest(alone.data, result.prediction.data) <= 1e-5F);
  }
}

TEST_CASE("fine-tuning: a segment's audio is that of its frames", "[train]") {
  workshop();
  train::Experiment experiment;
  train::load(experiment, "", tuned());
  const auto run = new_run();
  run_training(run, tuned({"train.max_steps=1"}));
  const auto store = data::Store::open(train::read_run_data(run).at("store").get<std::string>());
  const auto frames = store.info().clips[0].frames;
  const std::vector<data::Piece> pieces = {{0, data::Split::train, 0, frames}};
  const train::Clips clips(store, {}, pieces, train::Keep::audio);
  const auto whole = store.read_audio(0);
  REQUIRE(store.info().fps == 30);
  const auto cut = clips.audio({0, 7, 10});  // 7/30 s to 10/30 s: samples 3733.3 to 5333.3
  REQUIRE(cut.size() == 1600);
  CHECK(std::equal(cut.begin(), cut.end(), whole.begin() + 3733));
  CHECK(clips.audio({0, 0, frames}) == whole);
  const auto end = clips.audio({0, frames - 1, frames});
  CHECK(end.back() == whole.back());
  const auto sample = clips.sample({0, 7, 10});
  CHECK(sample.features.cols == 0);
  CHECK(sample.targets.rows == 3);
  CHECK(sample.audio == cut);
}

TEST_CASE("fine-tuning: settings that cannot go together stop at once", "[train]") {
  for (const std::string name : {"time_masks=1", "band_masks=1", "band_shift=1", "band_warp=0.1",
                                 "rate=0.1", "gain_db=3", "noise=0.1"}) {
    const auto refused = config_mistake({"augment." + name});
    INFO(refused.text);
    CHECK(refused.code == 2);
    CHECK(refused.has("augment." + name.substr(0, name.find('=')) + " changes features"));
    CHECK(refused.has("model.head=wav2vec2 hears audio"));
  }
  CHECK(config_mistake({"model.wav2vec2.layer=top"}).has("\"top\" is no layer"));
  CHECK(config_mistake({"model.wav2vec2.front_end=true"}).has("model.wav2vec2.tune=all"));
  CHECK(config_mistake({"model.wav2vec2.tune=lora", "model.wav2vec2.lora.targets=[]"})
            .has("targets is empty"));
  CHECK(config_mistake({"model.wav2vec2.lora.targets=[qq]"}).code == 2);
  CHECK(config_mistake({"model.wav2vec2.head=linear"}).has("one of light, tcn, bilstm"));
  CHECK(config_mistake({"model.wav2vec2.tune=top3"}).code == 2);

  const auto none = caught([&] { run_training(new_run(), small({"model.head=wav2vec2"})); });
  CHECK(none.code == 2);
  CHECK(none.has("model.wav2vec2.encoder=DIR"));
  const auto layers =
      caught([&] { run_training(new_run(), tuned({"model.wav2vec2.top_layers=4"})); });
  CHECK(layers.code == 2);
  CHECK(layers.has("has 3 layers"));
  const auto gone =
      caught([&] { run_training(new_run(), tuned({"model.wav2vec2.encoder=/nowhere"})); });
  CHECK(gone.code == 3);
  CHECK(gone.has("/nowhere"));
}
