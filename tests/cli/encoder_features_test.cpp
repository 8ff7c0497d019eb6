// Features of a speech encoder, as a user trains on them.
#include <cmath>

#include "audio/audio.h"
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

TEST_CASE("live: over an encoder under a window, the lines are what kuchi predict says",
          "[cli][slow]") {
  NEEDS_PROGRAM();
  TempDir dir;
  const auto encoder = make_encoder(dir.path), sound = make_sound(dir.path);
  const auto run = (dir / "run").string(), npy = (dir / "want.npy").string();
  must(training(encoder, run,
                {"model.head=lstm", "model.lstm.projection=[16]", "model.lstm.hidden=12",
                 "model.lstm.output=[8]", "features.window.seconds=0.5",
                 "features.window.ahead_seconds=0.1"}));
  const auto info = must({"inspect", run, "--json", "-"}).json();
  CHECK(has(info["features"], "-window25-ahead5-step5"));
  CHECK(info["live"]["lookahead_frames"] == 2);
  const double late_ms = info["live"]["delay_ms"];
  CHECK(late_ms > 2000.0 / 30 + 180);
  CHECK(late_ms <= 2000.0 / 30 + 200 + 12.5 + 20);

  // The same 16 bits for both, in pieces of 7 bytes and of a second.
  std::string bytes;
  std::vector<float> back;
  for (const float x : audio::read(sound)) {
    const auto value = static_cast<int16_t>(std::lround(std::clamp(x, -1.0F, 1.0F) * 32767));
    bytes += static_cast<char>(value & 255);
    bytes += static_cast<char>(value >> 8 & 255);
    back.push_back(static_cast<float>(value) / 32768.0F);
  }
  write(dir / "sound.raw", bytes);
  audio::write_wav(dir / "sound.wav", back);
  must({"predict", run, (dir / "sound.wav").string(), "--format", "npy", "--out", npy});
  const auto want = io::read_npy<float>(npy);
  const auto hear = [&](const std::string& cut, const std::string& more = "") {
    return shell("dd status=none obs=" + cut + " if=" + quoted(dir / "sound.raw") + " | " +
                 quoted(program()) + " live " + quoted(fs::path(run)) + " " + more);
  };
  for (const std::string cut : {"7", "32000"}) {
    const auto ran = hear(cut, "-q");
    INFO(ran.err);
    REQUIRE(ran.code == 0);
    const auto lines = split(ran.out, '\n');
    REQUIRE(lines.size() == static_cast<size_t>(want.shape[0]) + 1);
    size_t i = 0;
    for (size_t j = 0; j + 1 < lines.size(); ++j) {
      const auto frame = nlohmann::ordered_json::parse(lines[j]);
      for (const auto& [name, value] : frame["curves"].items()) {
        REQUIRE(std::abs(value.get<double>() - want.values[i++]) <= 1e-5);
      }
    }
  }
  CHECK(has(hear("32000").err, number(late_ms, 4) + " ms after the sound"));
  // Heard in windows of a file too, in memory that does not grow, and the same.
  must({"predict", run, (dir / "sound.wav").string(), "--format", "npy", "--window", "1.1",
        "--overlap", "0.2", "--out", (dir / "pieces.npy").string()});
  const auto pieces = io::read_npy<float>((dir / "pieces.npy").string());
  REQUIRE(pieces.values.size() == want.values.size());
  for (size_t i = 0; i < want.values.size(); ++i) {
    REQUIRE(std::abs(pieces.values[i] - want.values[i]) <= 1e-5);
  }

  const auto moved = (dir / "moved").string();
  fs::rename(encoder, moved);
  CHECK(hear("32000", "-q").code == 3);
  CHECK(hear("32000", "-q --encoder " + quoted(fs::path(moved))).code == 0);
  // A graph of sound would hear the whole clip.
  const auto graph = call({"export", run, "--encoder", moved, "--out", (dir / "m.onnx").string()});
  CHECK(graph.code == 2);
  CHECK(has(graph.err, "use --from features"));
}

TEST_CASE("live: what over an encoder cannot be live says so", "[cli][slow]") {
  NEEDS_PROGRAM();
  TempDir dir;
  const auto encoder = make_encoder(dir.path);
  const auto refused = [&](const std::vector<std::string>& more, const char* why) {
    const auto run = dir / "run";
    fs::remove_all(run);
    must(training(encoder, run, more));
    const auto ran =
        shell(quoted(program()) + " live " + quoted(fs::path(run)) + " -q < /dev/null");
    INFO(ran.err);
    CHECK(ran.code == 2);
    CHECK(ran.one_sentence());
    CHECK(has(ran.err, why));
    CHECK(must({"inspect", run, "--json", "-"}).json()["live"].is_null());
  };
  refused({"model.head=lstm", "model.lstm.hidden=8"}, "features.window");
  refused({"features.window.seconds=0.5"}, "answers only when the clip is over");
  const auto mistake = [&](const std::vector<std::string>& more) {
    const auto ran = call(training(encoder, (dir / "no").string(), more));
    CHECK(ran.code == 2);
    return ran.err;
  };
  CHECK(has(mistake({"features.window.seconds=0.2"}), "cannot hold states of 0.1 s"));
  CHECK(has(mistake({"features.kind=logmel", "features.encoder=", "features.window.seconds=1"}),
            "features.window is of an encoder"));
}
