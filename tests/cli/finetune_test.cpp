// A speech encoder tuned under a head, as a user does it.
#include "program.h"

using namespace kuchi;
using namespace kuchi::test;

namespace {

const std::string kConfig = R"({
  "model_type": "wavlm", "conv_dim": [8, 8, 8, 8, 8, 8, 8], "hidden_size": 16,
  "num_hidden_layers": 3, "num_attention_heads": 2, "intermediate_size": 24, "num_buckets": 16,
  "max_bucket_distance": 40, "num_conv_pos_embeddings": 6, "num_conv_pos_embedding_groups": 4
})";

/// An encoder of a few thousand weights.
fs::path make_encoder(const fs::path& dir, const std::string& seed = "0") {
  write(dir / "shape.json", kConfig);
  must({"encoder", "init", "--config", (dir / "shape.json").string(), "--seed", seed,
        (dir / "encoder").string()});
  return dir / "encoder";
}

/// The shipped experiment on little data; its four top layers are more than there are here.
std::vector<std::string> training(const fs::path& encoder, const fs::path& run,
                                  const std::vector<std::string>& more = {}) {
  std::vector<std::string> out = {"train",
                                  source("configs/experiment/synth_wav2vec2.yaml").string(),
                                  "--out",
                                  run.string(),
                                  "data.synth.clips=8",
                                  "data.synth.seconds=2",
                                  "data.split.by=clip",
                                  "data.split.valid=0.25",
                                  "data.split.test=0.25",
                                  "train.max_epochs=2",
                                  "train.threads=1",
                                  "eval.resamples=10",
                                  "model.wav2vec2.top_layers=1",
                                  "model.wav2vec2.encoder=" + encoder.string()};
  out.insert(out.end(), more.begin(), more.end());
  return out;
}

}  // namespace

TEST_CASE("cli: fine-tuning from training to curves, and after the encoder has moved",
          "[cli][slow]") {
  NEEDS_PROGRAM();
  TempDir dir;
  const auto encoder = make_encoder(dir.path);
  const auto run = (dir / "run").string(), new_place = (dir / "moved").string();
  must(training(encoder, run, {"model.wav2vec2.tune=lora"}));
  const auto sound = make_sound(dir.path);
  must({"predict", run, sound, "--out", (dir / "a.csv").string()});
  must({"report", run, "--clips", "1", "--out", (dir / "page.html").string()});
  const auto told = must({"inspect", run + "/last", "--json", "-"}).json();
  CHECK(told["encoder"] == encoder.string());
  CHECK(told["encoder_family"] == "wavlm");
  CHECK(told["encoder_saved"] == "changed");

  fs::rename(encoder, new_place);
  const auto gone = call({"predict", run, sound, "--out", (dir / "b.csv").string()});
  CHECK(gone.code == 3);
  CHECK(gone.one_sentence());
  CHECK(has(gone.err,
            "stands on a wavlm encoder with the hash " + told["encoder_hash"].get<std::string>()));
  CHECK(has(gone.err, "--encoder DIR"));
  CHECK_FALSE(fs::exists(dir / "b.csv"));
  must({"predict", run, "--encoder", new_place, sound, "--out", (dir / "b.csv").string()});
  CHECK(content(dir / "a.csv") == content(dir / "b.csv"));
  must({"eval", run, "--encoder", new_place, "--split", "train"});
  must({"resume", run, "train.max_epochs=3", "model.wav2vec2.encoder=" + new_place});

  must({"eval", run, "--split", "train"});  // where it lies is known from the resume on
  must({"resume", run, "train.max_epochs=4"});
  fs::rename(new_place, dir / "again");

  make_encoder(dir.path, "1");
  const auto other = call({"eval", run, "--encoder", encoder.string(), "--checkpoint", "last"});
  CHECK(other.code == 3);
  CHECK(has(other.err, "another encoder"));
}

TEST_CASE("cli: fine-tuning says what is missing or cannot be, with its place", "[cli]") {
  NEEDS_PROGRAM();
  TempDir dir;
  const auto experiment = source("configs/experiment/synth_wav2vec2.yaml").string();
  const auto none = call({"train", experiment, "--out", (dir / "run").string()});
  CHECK(none.code == 2);
  CHECK(none.one_sentence());
  CHECK(has(none.err, "synth_wav2vec2.yaml: model.head is wav2vec2"));
  CHECK(has(none.err, "model.wav2vec2.encoder=DIR"));
  write(dir / "a.yaml", "defaults: [experiment/synth_wav2vec2]\naugment:\n  rate: 0.1\n");
  const auto rate = call({"config", "--check", "a.yaml"}, dir.path);
  CHECK(rate.code == 2);
  CHECK(has(rate.err, "a.yaml:3:3: augment.rate changes features"));
  write(dir / "b.yaml", "model:\n  head: wav2vec2\n  wav2vec2: {layer: best}\n");
  CHECK(has(call({"config", "--check", "b.yaml"}, dir.path).err, "b.yaml:3:14: model.wav2vec2"));
  CHECK_FALSE(fs::exists(dir / "run"));
}

TEST_CASE("cli: the head wav2vec2 takes the features' encoder where it names none", "[cli]") {
  NEEDS_PROGRAM();
  TempDir dir;
  const auto encoder = make_encoder(dir.path);
  const auto run = dir / "run";
  const auto none = call(training(encoder, run, {"model.wav2vec2.encoder="}));
  CHECK(none.code == 2);
  CHECK(has(none.err, "features.encoder=DIR"));
  must(training(
      encoder, run,
      {"model.wav2vec2.encoder=", "features.encoder=" + encoder.string(), "train.max_epochs=1"}));
  CHECK(must({"inspect", (run / "last").string(), "--json", "-"}).json()["encoder"] ==
        encoder.string());
}

TEST_CASE("cli: an interrupted fine-tuning leaves a checkpoint to go on from", "[cli]") {
  NEEDS_PROGRAM();
  TempDir dir;
  const auto encoder = make_encoder(dir.path);
  for (const char* tune : {"frozen", "all"}) {
    const auto run = (dir / tune).string();
    Started started(training(encoder, run,
                             {cat("model.wav2vec2.tune=", tune), "data.split.by=none",
                              "data.split.valid=", "data.split.test=", "train.max_epochs=100000"}),
                    {});
    for (int i = 0; i < 100 && started.running() && !fs::exists(dir / tune / "last"); ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    REQUIRE(started.running());
    started.send(SIGINT);
    const auto ran = started.end();
    INFO(tune << ": " << ran.err);
    CHECK(ran.code == 130);
    CHECK(has(ran.err, "go on with: kuchi resume"));
  }
}
