// Features of a speech encoder, as a user trains on them.
#include "io/npy.h"
#include "program.h"

using namespace kuchi;
using namespace kuchi::test;

namespace {

const std::string kConfig = R"({
  "model_type": "wav2vec2", "conv_dim": [8, 8, 8, 8, 8, 8, 8], "hidden_size": 16,
  "num_hidden_layers": 3, "num_attention_heads": 2, "intermediate_size": 24,
  "num_conv_pos_embeddings": 6, "num_conv_pos_embedding_groups": 4
})";

std::string make_encoder(const fs::path& dir) {
  write(dir / "shape.json", kConfig);
  const auto encoder = (dir / "encoder").string();
  must({"encoder", "init", "--config", (dir / "shape.json").string(), encoder});
  return encoder;
}

std::vector<std::string> training(const std::string& encoder, const std::string& run,
                                  const std::vector<std::string>& more) {
  std::vector<std::string> out = {"train",
                                  source("configs/debug/tiny.yaml").string(),
                                  "--out",
                                  run,
                                  "features.kind=encoder",
                                  "features.encoder=" + encoder,
                                  "train.threads=1",
                                  "train.max_epochs=2"};
  out.insert(out.end(), more.begin(), more.end());
  return out;
}

}  // namespace

TEST_CASE("cli: encode gives an encoder's states, one layer, all, and at curve frames", "[cli]") {
  NEEDS_PROGRAM();
  TempDir dir;
  const auto encoder = make_encoder(dir.path), sound = make_sound(dir.path);
  const auto shape = [&](const std::vector<std::string>& more) {
    const auto out = (dir / "x.npy").string();
    std::vector<std::string> line = {"encode", encoder, sound, "--out", out, "--force"};
    line.insert(line.end(), more.begin(), more.end());
    must(line);
    return io::read_npy_header(out).shape;
  };
  const auto states = shape({});
  REQUIRE(states.size() == 2);
  CHECK(states[1] == 16);
  const auto frames = states[0];
  CHECK(shape({"--layer", "2"}) == states);
  CHECK(shape({"--layer", "all"}) == std::vector<int64_t>{4, frames, 16});
  CHECK(shape({"--layer", "weighted"}) == std::vector<int64_t>{frames, 64});
  CHECK(shape({"--window", "1", "--overlap", "0.2"}) == states);
  CHECK(shape({"--fps", "30", "features.stack=3"})[1] == 48);

  const auto refused = [&](const std::vector<std::string>& more, int code, const char* why) {
    std::vector<std::string> line = {"encode", encoder, sound, "--out", (dir / "y.npy").string()};
    line.insert(line.end(), more.begin(), more.end());
    const auto ran = call(line);
    INFO(ran.err);
    CHECK(ran.code == code);
    CHECK(has(ran.err, why));
    CHECK_FALSE(fs::exists(dir / "y.npy"));
  };
  refused({"--layer", "4"}, 2, "there are last, all, weighted and 0 to 3");
  refused({"--layer", "all", "--fps", "30", "features.stack=3"}, 2, "--layer weighted");
  refused({"--overlap", "2"}, 2, "give --window too");
  refused({"features.layer=1"}, 2, "say it with --layer");
  const auto none = call({"encode", (dir / "nowhere").string(), sound, "--out", "z.npy"}, dir.path);
  CHECK(none.code == 2);
  CHECK(has(none.err, "neither logmel nor an encoder directory"));
}

TEST_CASE("cli: a model learns on an encoder's layers, is exported, and its encoder may move",
          "[cli][slow]") {
  NEEDS_PROGRAM();
  TempDir dir;
  const auto encoder = make_encoder(dir.path), sound = make_sound(dir.path);
  const auto run = (dir / "run").string();
  must(training(encoder, run, {"features.layer=weighted"}));
  must({"eval", run, "--split", "train"});
  must({"predict", run, sound, "--out", (dir / "a.csv").string()});
  must({"export", run, "--out", (dir / "m.onnx").string()});
  CHECK(fs::file_size(dir / "m.onnx") > 0);
  CHECK(has(must({"inspect", run, "--json", "-"}).out, "-alllayers-stack1"));
  const auto shares = must({"inspect", run + "/last", "--json", "-"}).json()["layer_weights"];
  REQUIRE(shares.size() == 4);
  double sum = 0;
  for (const auto& share : shares) sum += share.get<double>();
  CHECK(std::abs(sum - 1) < 1e-6);
  CHECK(shares[0] != shares[3]);
  must({"report", run, "--clips", "1", "--out", (dir / "page.html").string()});
  CHECK(has(content(dir / "page.html"), "encoder&#39;s layers") !=
        has(content(dir / "page.html"), "encoder's layers"));

  const auto moved = (dir / "moved").string();
  fs::rename(encoder, moved);
  const auto gone = call({"predict", run, sound, "--out", (dir / "b.csv").string()});
  CHECK(gone.code == 3);
  CHECK(gone.one_sentence());
  CHECK(has(gone.err, "stands on a wav2vec2 encoder with the hash"));
  must({"eval", run, "--split", "train"});  // its store holds what it hears
  must({"predict", run, "--encoder", moved, sound, "--out", (dir / "b.csv").string()});
  CHECK(content(dir / "a.csv") == content(dir / "b.csv"));
}

TEST_CASE("cli: features of an encoder: what cannot be is said with its place", "[cli]") {
  NEEDS_PROGRAM();
  TempDir dir;
  const auto encoder = make_encoder(dir.path);
  const auto mistake = [&](const std::vector<std::string>& more) {
    const auto ran = call(training(encoder, (dir / "run").string(), more));
    CHECK(ran.code == 2);
    CHECK_FALSE(fs::exists(dir / "run"));
    return ran.err;
  };
  CHECK(has(mistake({"features.kind=logmel"}), "features.kind is logmel"));
  CHECK(has(mistake({"features.layer=7"}), "0 to 3"));
  CHECK(has(mistake({"features.encoder=", "features.layer=1"}), "give features.encoder=DIR"));
  CHECK(has(mistake({"model.head=linear", "features.layer=weighted"}), "is solved"));
  CHECK(has(mistake({"augment.band_shift=0.5"}), "changes mel bands"));
}
