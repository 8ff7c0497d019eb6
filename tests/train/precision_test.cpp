// Training with train.precision=bf16.
#include "train/precision.h"

#include <ATen/ATen.h>

#include <functional>

#include "../encoders/small_encoder.h"
#include "catch.h"
#include "child.h"
#include "edge/tensor_file.h"
#include "encoders/load.h"
#include "small_training.h"
#include "train/evaluate_run.h"

using namespace kuchi;
using namespace kuchi::test;

namespace {

Settings bf16(const Settings& more = {}) {
  Settings all = small({"train.schedule=constant", "train.warmup=0", "train.precision=bf16"});
  all.insert(all.end(), more.begin(), more.end());
  return all;
}

const Settings kManyOptions = {"train.ema=0.9",
                               "train.grad_accumulation=2",
                               "loss.velocity=0.001",
                               "model.bilstm.dropout=0.2",
                               "model.bilstm.lstm_dropout=0.2",
                               "model.bilstm.hidden=5"};

double last_mse(const fs::path& run) {
  double out = -1;
  for (const auto& event : events(run)) {
    if (event.contains("valid")) out = event["valid"].at("mse");
  }
  REQUIRE(out > 0);
  return out;
}

fs::path narrow_encoder_dir() {
  const auto dir = workshop() / "precision-encoder";
  if (!fs::exists(dir)) encoders::save(*small_encoder(small_config()), dir);
  return dir;
}

}  // namespace

TEST_CASE("bf16: k epochs and a resume are N epochs, bit for bit", "[train][slow]") {
  for (const auto& kind : {Settings(), kManyOptions}) {
    const auto whole = new_run(), parts = new_run();
    run_training(whole, bf16(joined(kind, {"train.max_epochs=4"})));
    run_training(parts, bf16(joined(kind, {"train.max_epochs=2"})));
    train::resume(parts, {"train.max_epochs=4"});
    CHECK_SAME(left(whole), left(parts));
    CHECK(events(whole) == events(parts));
  }
}

TEST_CASE("bf16: it is not fp32's training, but as good, and all that is kept is float32",
          "[train][slow]") {
  const auto wide = new_run(), narrow = new_run();
  const Settings longer = {"train.max_epochs=12", "train.precision=fp32"};
  run_training(wide, bf16(longer));
  run_training(narrow, bf16({"train.max_epochs=12"}));
  CHECK_FALSE(left(wide) == left(narrow));
  CHECK(last_mse(narrow) == Approx(last_mse(wide)).epsilon(0.03));
  const auto dir = train::find_checkpoint(narrow, "last");
  for (const auto* file : {"model.safetensors", "optimizer.safetensors"}) {
    for (const auto& [name, tensor] : edge::load_tensors(dir / file).tensors) {
      INFO(name);
      CHECK(tensor.scalar_type() == at::kFloat);
    }
  }
}

TEST_CASE("bf16: every way of tuning an encoder trains, resumes to the same bits, and is near fp32",
          "[train][slow]") {
  for (const std::string tune : {"frozen", "top", "all", "lora"}) {
    for (const std::string checkpointing : {"false", "true"}) {
      if (tune == "frozen" && checkpointing == "true") continue;
      INFO(tune << ", checkpointing " << checkpointing);
      const Settings kind = {"model.head=wav2vec2",
                             "model.wav2vec2.encoder=" + narrow_encoder_dir().string(),
                             "model.wav2vec2.tune=" + tune,
                             "model.wav2vec2.top_layers=1",
                             "model.wav2vec2.checkpointing=" + checkpointing,
                             "model.wav2vec2.mask_time_length=4"};
      const auto whole = new_run(), parts = new_run(), wide = new_run();
      run_training(whole, bf16(joined(kind, {"train.max_epochs=2"})));
      run_training(parts, bf16(joined(kind, {"train.max_epochs=1"})));
      train::resume(parts, {"train.max_epochs=2"});
      CHECK_SAME(left(whole), left(parts));
      run_training(wide, bf16(joined(kind, {"train.max_epochs=2", "train.precision=fp32"})));
      CHECK_FALSE(left(wide) == left(whole));
      CHECK(last_mse(whole) == Approx(last_mse(wide)).epsilon(0.05));
    }
  }
}

TEST_CASE("bf16: two processes are one with the joint batch", "[train][slow]") {
  workshop();
  const auto one = new_run(), two = new_run();
  const Settings kind = {"train.precision=bf16", "train.max_epochs=3"};
  const auto with = [](std::vector<std::string> all, const Settings& more) {
    all.insert(all.end(), more.begin(), more.end());
    return all;
  };
  REQUIRE(program(with(training(one, kind), {"train.grad_accumulation=2"})) == 0);
  REQUIRE(program(with(training(two, kind), {"--nproc", "2"})) == 0);
  CHECK(last_mse(two) == Approx(last_mse(one)).epsilon(1e-3));
}

TEST_CASE("bf16: a head that is solved refuses it by place", "[train]") {
  for (const std::string head : {"linear", "mean"}) {
    std::string text;
    try {
      train::Experiment experiment;
      train::load(experiment, "", small({"model.head=" + head, "train.precision=bf16"}));
    } catch (const UserError& e) {
      CHECK(e.code() == Exit::config);
      text = e.what();
    }
    CHECK(text.find("command line") != std::string::npos);
    CHECK(text.find("model.head=" + head) != std::string::npos);
    CHECK(text.find("fp32") != std::string::npos);
  }
}
