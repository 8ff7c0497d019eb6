// kuchi export, seen by ONNX's own checker and by ONNX Runtime.
#include <algorithm>
#include <cmath>

#include "program.h"

using namespace kuchi;
using namespace kuchi::test;

namespace {

const std::vector<int64_t> kFrames = {1,  2,  3,   4,   5,   7,   11,  16,  23,   31,
                                      64, 77, 100, 150, 222, 333, 500, 777, 1500, 3000};

/// Voice-like and hard to hear: tones that glide, noise, a loud burst beside silence.
std::vector<float> sound(int64_t samples, uint64_t seed) {
  Stream random(seed, "sound");
  std::vector<float> out;
  double phase = 0;
  for (int64_t i = 0; i < samples; ++i) {
    const double t = static_cast<double>(i) / 16000;
    phase += 2 * 3.14159265358979 * (200 + 150 * std::sin(3 * t)) / 16000;
    double x = 0.2 * std::sin(phase) + 0.1 * std::sin(7 * phase) + 0.02 * random.normal();
    if (i / 4000 % 5 == 3) x = 0;  // digital silence: the logarithm's floor
    if (i / 4000 % 7 == 2) x *= 4;
    out.push_back(static_cast<float>(std::clamp(x, -1.0, 1.0)));
  }
  return out;
}

/// One clip a length, DIR/wav/0333.wav, each with a part of a frame left over.
std::vector<std::string> write_sounds(const fs::path& dir, double fps,
                                      const std::vector<int64_t>& lengths = kFrames) {
  std::vector<std::string> files;
  fs::create_directories(dir);
  for (const int64_t frames : lengths) {
    const auto samples = static_cast<int64_t>(std::ceil(static_cast<double>(frames) * 16000 / fps));
    const auto rest = frames * 37 % static_cast<int64_t>(16000 / fps);
    auto name = cat(frames);
    name.insert(0, 4 - name.size(), '0');
    files.push_back((dir / (name + ".wav")).string());
    audio::write_wav(files.back(), sound(samples + rest - 1, static_cast<uint64_t>(frames)));
  }
  return files;
}

std::vector<std::string> joined(std::vector<std::string> a, const std::vector<std::string>& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

void train(const fs::path& run, const std::vector<std::string>& overrides) {
  must(joined(little_training(run), overrides));
}

/// The same, on takes at a rate whose frames fall between samples.
void train_at(const fs::path& run, double fps, const std::vector<std::string>& overrides) {
  const TempDir dir;
  must({"synth", (dir / "synth").string(), "--clips", "6", "--seconds", "2"});
  fs::create_directories(dir / "takes");
  for (const auto& entry : fs::recursive_directory_iterator(dir / "synth/wav")) {
    if (entry.path().extension() != ".wav") continue;
    const auto inside = fs::relative(entry.path(), dir / "synth/wav").replace_extension(".npy");
    const auto id = entry.path().stem().string();
    fs::copy_file(entry.path(), dir / ("takes/" + id + ".wav"));
    must({"convert", (dir / "synth/curves" / inside).string(), "--names",
          (dir / "synth/curve_names.txt").string(), "--in-fps", "30", "--rig", "arkit-mouth",
          "--to", "livelink", "--out", (dir / ("takes/" + id + ".csv")).string()});
  }
  write(dir / "takes.yaml", cat("name: takes\nlicence: none\nroot: takes\nfps: ", number(fps),
                                "\nrig: arkit-mouth\nclips: {audio: \"{id}.wav\", curves: "
                                "\"{id}.csv\"}\nsplit: {by: clip, valid: 0.2, test: 0.4}\n"));
  must(joined(
      {"train", source("configs/debug/tiny.yaml").string(), "--out", run.string(),
       "data.recipe=" + (dir / "takes.yaml").string(), "train.max_epochs=2", "train.threads=1"},
      overrides));
}

/// A head of a few thousand weights with these options of its own.
std::vector<std::string> with(const std::string& head, std::vector<std::string> options) {
  for (const char* size : {"width=16", "heads=2", "feed_forward=24", "layers=2"}) {
    options.emplace_back(size);
  }
  std::vector<std::string> out = {"model.head=" + head};
  for (const auto& option : options) out.push_back("model." + head + "." + option);
  return out;
}

struct Case {
  std::string name;
  std::vector<std::string> overrides;
  double fps = 30;
};

/// `runs` as one form of ONNX, DIR/audio.onnx.
void export_from(const std::string& from, const fs::path& dir,
                 const std::vector<std::string>& runs) {
  auto line = joined({"export"}, runs);
  if (runs.size() > 1) line.push_back("--ensemble");
  must(joined(line, {"--from", from, "--out", (dir / (from + ".onnx")).string()}));
}

/// What Kuchi says of every sound.
void predict(const fs::path& dir, const std::vector<std::string>& runs,
             const std::vector<std::string>& sounds) {
  auto line = joined(joined({"predict"}, runs), sounds);
  if (runs.size() > 1) line.push_back("--ensemble");
  // A graph hears a clip of any length at once.
  must(joined(line, {"--window", "0", "--format", "npy", "--out", (dir / "curves").string()}));
}

/// `runs` as both forms of ONNX, and what Kuchi says of every sound.
void export_both(const fs::path& dir, const std::vector<std::string>& runs,
                 const std::vector<std::string>& sounds, const std::vector<std::string>& features) {
  for (const std::string from : {"audio", "features"}) export_from(from, dir, runs);
  predict(dir, runs, sounds);
  must(joined(joined({"encode", "logmel"}, sounds),
              joined(features, {"--out", (dir / "features").string()})));
}

/// What compare_onnx.py measured for a model; {} where there is no ONNX Runtime here.
Json compare(const fs::path& dir, const std::string& name) {
  const auto all = python_json({source("tests/cli/compare_onnx.py").string(), dir.string(), name});
  return all.is_null() ? Json() : all.at(name);
}

/// Every length alone and in a padded batch of one to eight, within 1e-4; nothing beyond a clip's
/// end.
void check_agreement(const Json& measured, size_t clips = kFrames.size(),
                     const std::vector<std::string>& forms = {"audio", "features"}) {
  CHECK(measured.size() == forms.size());
  for (const auto& form : forms) {
    INFO(form << ": " << measured[form].dump(1));
    CHECK(measured[form]["alone"].size() == clips);
    CHECK(measured[form]["batch"].size() == clips);
    for (const auto& how : {"alone", "batch"}) {
      for (const auto& [clip, difference] : measured[form][how].items()) {
        CHECK(difference.get<double>() <= 1e-4);
      }
    }
    CHECK(measured[form]["beyond"].get<double>() == 0);
    const auto& odd = measured[form]["odd"];  // lengths at the edge
    CHECK(odd["empty"][1] == 0);
    CHECK(odd["zero"].get<double>() == 0);
    CHECK(odd["beyond"].get<double>() == 0);
  }
}

}  // namespace

TEST_CASE("onnx: every head agrees with kuchi predict, from audio and from features",
          "[cli][slow]") {
  NEEDS_PROGRAM();
  const auto model = GENERATE(
      Case{"mean", {"model.head=mean"}}, Case{"linear", {"model.head=linear"}}, Case{"bilstm", {}},
      Case{"bilstm_plain",  // no projection, no output layers, three layers, ranges of -1 to 1
           {"model.bilstm.projection=[]", "model.bilstm.output=[]", "model.bilstm.layers=3",
            "data.synth.rig=kuchi26", "features.stack=1"}},
      Case{"bilstm_5994", {"features.stack=5"}, 59.94},
      Case{"lstm",  // ranges of -1 to 1, two layers
           {"model.head=lstm", "model.lstm.projection=[32]", "model.lstm.hidden=24",
            "model.lstm.layers=2", "model.lstm.output=[16]", "data.synth.rig=kuchi26"}},
      Case{"lstm_at_once", {"model.head=lstm", "model.lstm.hidden=24", "model.lstm.lookahead=0"}},
      Case{"lstm_10", {"model.head=lstm", "model.lstm.hidden=24", "model.lstm.lookahead=10"}},
      Case{"tcn", {"model.head=tcn", "model.tcn.width=24"}},
      Case{
          "tcn_causal",
          {"model.head=tcn", "model.tcn.width=24", "model.tcn.causal=true", "model.tcn.lookahead=3",
           "model.tcn.kernel=4", "model.tcn.growth=3", "model.tcn.blocks=3"}},
      Case{"transformer", with("transformer", {"attention=windowed", "left=12", "right=4"})},
      Case{"transformer_full", with("transformer", {"positions=sinusoidal", "norm=post"})},
      Case{"hybrid", with("hybrid", {"arrangement=parallel", "hidden=12"})},
      Case{"linear_wide", {"model.head=linear", "model.linear.context=20", "features.stack=1"}});
  const TempDir dir;
  const auto run = dir / "run";
  if (model.fps == 30) {
    train(run, model.overrides);
  } else {
    train_at(run, model.fps, model.overrides);
  }
  std::vector<std::string> features = {"--fps", number(model.fps)};
  for (const auto& o : model.overrides) {
    if (o.rfind("features.stack", 0) == 0) features.push_back(o);
  }

  export_both(dir / model.name, {run.string()}, write_sounds(dir / "wav", model.fps), features);
  const auto measured = compare(dir.path, model.name);

  INFO(model.name);
  if (!measured.is_null()) check_agreement(measured);
}

/// A speech encoder of a few thousand random weights.
fs::path new_encoder(const fs::path& dir, const std::string& family, const std::string& more) {
  write(dir / (family + ".json"),
        cat("{\"model_type\": \"", family, "\", \"conv_dim\": [8, 8, 8, 8, 8, 8, 8], ",
            "\"hidden_size\": 16, \"num_hidden_layers\": 2, \"num_attention_heads\": 2, ",
            "\"intermediate_size\": 32, \"num_conv_pos_embeddings\": 8, ",
            "\"num_conv_pos_embedding_groups\": 2", more, "}"));
  must({"encoder", "init", "--config", (dir / (family + ".json")).string(),
        (dir / family).string()});
  return dir / family;
}

TEST_CASE("onnx: a fine-tuned speech encoder agrees with kuchi predict, and in an ensemble",
          "[cli][slow]") {
  NEEDS_PROGRAM();
  const std::vector<int64_t> frames = {1, 15, 64, 333, 600};  // up to 20 s
  const TempDir dir;
  const auto sounds = write_sounds(dir / "wav", 30, frames);
  const auto large = new_encoder(dir / "e", "wav2vec2",
                                 ", \"do_stable_layer_norm\": true, \"feat_extract_norm\": "
                                 "\"layer\", \"conv_bias\": true");
  const auto wavlm = new_encoder(dir / "e", "wavlm", ", \"num_buckets\": 32");
  const auto a = (dir / "a").string(), b = (dir / "b").string();
  const auto out = (dir / "no.onnx").string();
  train(a, {"model.head=wav2vec2", "model.wav2vec2.encoder=" + large.string(),
            "model.wav2vec2.tune=lora", "model.wav2vec2.layer=weighted", "train.lr=0.01"});
  train(b, {"model.head=wav2vec2", "model.wav2vec2.encoder=" + wavlm.string(),
            "model.wav2vec2.tune=all", "model.wav2vec2.head=bilstm"});

  const std::vector<std::vector<std::string>> cases = {{a}, {b}, {b, shared_run().string()}};
  for (size_t i = 0; i < cases.size(); ++i) {
    const auto name = cat(i);
    export_from("audio", dir / name, cases[i]);
    predict(dir / name, cases[i], sounds);
    const auto measured = compare(dir.path, name);
    INFO(name);
    if (!measured.is_null()) check_agreement(measured, frames.size(), {"audio"});
  }
  const auto meta = call({"inspect", dir / "1/audio.onnx", "--json", "-"}).json()["metadata"];
  const auto models = Json::parse(meta["models"].get<std::string>());
  CHECK(meta["features"] == "audio");
  CHECK(models[0]["encoder_family"] == "wavlm");
  CHECK(models[0]["encoder_hash"].get<std::string>().size() == 16);
  for (const auto& runs : {cases[0], cases[2]}) {
    auto line = joined(joined({"export"}, runs), {"--from", "features", "--out", out});
    if (runs.size() > 1) line.push_back("--ensemble");
    const auto refused = call(line);
    CHECK(refused.code == 2);
    CHECK(refused.one_sentence());
    CHECK(refused.err.find("--from audio") != std::string::npos);
    CHECK(!fs::exists(out));
  }
}

TEST_CASE("onnx: an ensemble is the mean of its members, whatever they hear", "[cli][slow]") {
  NEEDS_PROGRAM();
  const TempDir dir;
  const auto a = shared_run().string(), b = (dir / "b").string(), c = (dir / "c").string();
  train(b, {"model.head=linear", "train.seed=5"});
  train(c, {"model.head=linear", "features.stack=1"});
  const auto sounds = write_sounds(dir / "wav", 30);
  const std::vector<std::string> features = {"--fps", "30"};

  export_both(dir / "both", {a, b}, sounds, features);
  const auto measured = compare(dir.path, "both");
  const auto unlike =
      call({"export", a, c, "--ensemble", "--from", "features", "--out", dir / "no.onnx"});
  must({"export", a, c, "--ensemble", "--out", (dir / "ac.onnx").string()});

  if (!measured.is_null()) check_agreement(measured);
  for (const auto& run : {a, b}) {
    must(joined(joined({"predict", run}, sounds),
                {"--format", "npy", "--out",
                 (dir / fs::path(run).filename().string()).string() + ".npys"}));
  }
  for (const auto& sound : sounds) {
    const auto name = fs::path(sound).stem().string() + ".npy";
    const auto one = io::read_npy<float>(dir / (fs::path(a).filename().string() + ".npys/" + name));
    const auto two = io::read_npy<float>(dir / ("b.npys/" + name));
    const auto mean = io::read_npy<float>(dir / ("both/curves/" + name));
    REQUIRE(mean.values.size() == one.values.size());
    for (size_t i = 0; i < mean.values.size(); ++i) {
      REQUIRE(mean.values[i] == Approx((one.values[i] + two.values[i]) / 2).margin(1e-6));
    }
  }
  CHECK(unlike.code == 2);
  CHECK(unlike.one_sentence());
  CHECK(unlike.err.find("use --from audio") != std::string::npos);
  CHECK(!fs::exists(dir / "no.onnx"));
}

TEST_CASE("onnx: the Python example of the documentation gives what kuchi predict gives",
          "[cli][slow]") {
  NEEDS_PROGRAM();
  const TempDir dir;
  audio::write_wav(dir / "speech.wav", sound(40000, 3));
  must({"export", shared_run().string(), "--out", (dir / "mouth.onnx").string()});
  must({"predict", shared_run().string(), (dir / "speech.wav").string(), "--format", "csv", "--out",
        (dir / "kuchi.csv").string()});

  const auto ran = python({source("docs/examples/onnx/run.py").string(),
                           (dir / "mouth.onnx").string(), (dir / "speech.wav").string()});

  if (ran.code == -1) return;
  INFO(ran.err);
  REQUIRE(ran.code == 0);
  const auto got = split(ran.out, '\n'), want = split(content(dir / "kuchi.csv"), '\n');
  REQUIRE(got.size() == want.size());
  CHECK(got[0].substr(got[0].find(',')) == want[0].substr(want[0].find(',')));  // names
  for (size_t i = 1; i < got.size(); ++i) {
    const auto a = split(got[i], ','), b = split(want[i], ',');
    REQUIRE(a.size() == b.size());
    for (size_t c = 0; c < a.size() && !got[i].empty(); ++c) {
      REQUIRE(std::stod(a[c]) == Approx(std::stod(b[c])).margin(1.1e-4));
    }
  }
}

TEST_CASE("onnx: the metadata say what a user of the file must know", "[cli]") {
  NEEDS_PROGRAM();
  const TempDir dir;
  const auto run = shared_run().string();
  const auto curves = call({"inspect", run, "--json", "-"}).json();

  const auto made = call({"export", run, "--out", dir / "m.onnx", "--json", "-"}).json();
  const auto seen = call({"inspect", dir / "m.onnx", "--json", "-"}).json();

  CHECK(made["opset"] == 17);
  CHECK(made["inputs"]["audio"] == "float32 [batch, samples]");
  CHECK(made["inputs"]["lengths"] == "int64 [batch]");
  CHECK(made["outputs"]["curves"] == "float32 [batch, frames, 27]");
  CHECK(seen["kind"] == "onnx");
  CHECK(seen["ir"] == 8);
  CHECK(seen["inputs"] == made["inputs"]);
  const auto& meta = seen["metadata"];
  CHECK(meta["sample_rate"] == "16000");
  CHECK(meta["fps"] == "30");
  CHECK(meta["rig"] == "arkit-mouth");
  CHECK(meta["features"] == curves["features"]);
  CHECK(Json::parse(meta["curves"].get<std::string>()) == curves["curves"]);
  const auto ranges = Json::parse(meta["ranges"].get<std::string>());
  CHECK(ranges.size() == 27);
  CHECK(ranges[0] == Json{0.0, 1.0});
  const auto models = Json::parse(meta["models"].get<std::string>());
  REQUIRE(models.size() == 1);
  CHECK(models[0]["head"] == "bilstm");
  CHECK(models[0]["store_hash"].get<std::string>().size() >= 16);
  const auto provenance = call({"inspect", run, "--json", "-"}).json()["provenance"];
  CHECK(seen["provenance"] == provenance);
  for (const auto& [key, value] : provenance.items()) CHECK(meta[key] == value);
  CHECK(meta["synthetic_mark"].get<std::string>().find("synthetic media") == 0);
}

TEST_CASE("onnx: the same run gives the same bytes, at every opset a valid model", "[cli][slow]") {
  NEEDS_PROGRAM();
  const TempDir dir;
  const auto run = shared_run().string();
  must({"export", run, "--out", (dir / "a.onnx").string()});
  must({"export", run, "--out", (dir / "b.onnx").string()});
  CHECK(content(dir / "a.onnx") == content(dir / "b.onnx"));
  for (const std::string opset : {"18", "19", "20", "21"}) {
    must({"export", run, "--opset", opset, "--out", dir / "o.onnx", "--force"});
    const auto ran = python({"-c",
                             "import sys, onnx, onnxruntime as ort\n"
                             "onnx.checker.check_model(onnx.load(sys.argv[1]), full_check=True)\n"
                             "ort.InferenceSession(sys.argv[1])",
                             dir / "o.onnx"});
    INFO(ran.err);
    if (ran.code != -1) CHECK(ran.code == 0);
  }
  CHECK(call({"export", run, "--opset", "16", "--out", dir / "p.onnx"}).code == 2);
}

TEST_CASE("onnx: what cannot be done is told and leaves nothing", "[cli]") {
  NEEDS_PROGRAM();
  const TempDir dir;
  const auto run = shared_run().string();
  must({"export", run, "--out", (dir / "m.onnx").string()});
  const auto bytes = content(dir / "m.onnx");

  const auto again = call({"export", run, "--out", dir / "m.onnx"});
  CHECK(again.code == 2);
  CHECK(again.err.find("--force") != std::string::npos);
  CHECK(content(dir / "m.onnx") == bytes);

  const auto two = call({"export", run, run, "--out", dir / "n.onnx"});
  CHECK(two.code == 2);
  CHECK(two.one_sentence());
  CHECK(two.err.find("--ensemble") != std::string::npos);

  const auto one = call({"export", run, "--ensemble", "--out", dir / "n.onnx"});
  CHECK(one.code == 2);
  CHECK(one.one_sentence());

  const auto none = call({"export", dir.path, "--out", dir / "n.onnx"});
  CHECK(none.code == 3);
  CHECK(none.one_sentence());

  const auto nowhere = call({"export", run, "--out", dir / "no/such/dir/n.onnx"});
  CHECK((nowhere.code == 0 || nowhere.code == 5));

  for (const size_t keep : {size_t{0}, size_t{1}, bytes.size() / 3, bytes.size() - 1}) {
    write(dir / "cut.onnx", bytes.substr(0, keep));
    const auto cut = call({"inspect", dir / "cut.onnx"});
    CHECK(cut.code == 3);
    CHECK(cut.one_sentence());
  }
  write(dir / "bare.onnx",
        std::string("\x08\x08\x3a\x00", 4));  // of another maker, without metadata
  CHECK(call({"inspect", dir / "bare.onnx"}).code == 0);
  const auto bell = bytes.find("kuchi_version");
  auto loud = bytes;
  loud[bell] = '\x1b';
  write(dir / "loud.onnx", loud);
  CHECK(call({"inspect", dir / "loud.onnx"}).out.find('\x1b') == std::string::npos);
  auto odd = bytes;  // a name that is no UTF-8
  odd[odd.find("kuchi_version")] = '\xff';
  write(dir / "odd.onnx", odd);
  CHECK(call({"inspect", dir / "odd.onnx"}).code == 0);
  CHECK(call({"inspect", dir / "odd.onnx", "--json", "-"}).json()["kind"] == "onnx");
  CHECK(!fs::exists(dir / "n.onnx"));
}
