// Models that are told who speaks and how: asked by name, inspected, live, and as ONNX.
#include <cmath>

#include "audio/audio.h"
#include "io/npy.h"
#include "program.h"

using namespace kuchi;
using namespace kuchi::test;

namespace {

std::vector<std::string> conditioned_training(const fs::path& out,
                                              const std::vector<std::string>& more) {
  auto line = little_training(out);
  for (const char* option : {"speaker=true", "style=true", "intensity=true", "width=6"}) {
    line.push_back(cat("model.condition.", option));
  }
  line.insert(line.end(), more.begin(), more.end());
  return line;
}

/// A little lstm that is told everything, for all tests here.
const fs::path& told_run() {
  static const fs::path run = [] {
    const fs::path out = Workshop::get().dir / "told";
    must(conditioned_training(out, {"model.head=lstm", "model.lstm.projection=[16]",
                                    "model.lstm.hidden=12", "model.lstm.output=[8]"}));
    return out;
  }();
  return run;
}

Json names_of(const fs::path& run) {
  return call({"inspect", run.string(), "--json", "-"}).json()["condition"];
}

std::vector<std::string> options_of(const Json& told) {
  std::vector<std::string> out;
  for (const auto& [name, value] : told.items()) {
    out.push_back("--" + name);
    out.push_back(value.is_string() ? value.get<std::string>() : number(value.get<double>()));
  }
  return out;
}

std::vector<std::string> predict_line(const fs::path& run, const fs::path& sound,
                                      const fs::path& out, const Json& told) {
  std::vector<std::string> line = {"predict", run.string(), sound.string(), "--format",
                                   "npy",     "--out",      out.string()};
  for (const auto& option : options_of(told)) line.push_back(option);
  return line;
}

std::vector<float> predicted(const fs::path& run, const fs::path& sound, const Json& told) {
  const TempDir dir;
  must(predict_line(run, sound, dir / "y.npy", told));
  return io::read_npy<float>(dir / "y.npy").values;
}

double furthest(const std::vector<float>& a, const std::vector<float>& b) {
  REQUIRE(a.size() == b.size());
  double worst = 0;
  for (size_t i = 0; i < a.size(); ++i) worst = std::max<double>(worst, std::abs(a[i] - b[i]));
  return worst;
}

}  // namespace

TEST_CASE("conditioned: names are asked for, inspected, and refused where nobody learnt them",
          "[cli][slow]") {
  NEEDS_PROGRAM();
  const TempDir dir;
  const auto sound = make_sound(dir.path);
  const auto& run = told_run();
  const auto names = names_of(run);
  REQUIRE(names["speakers"].size() >= 1);
  REQUIRE(names["styles"].size() >= 1);
  CHECK(names["width"] == 6);
  CHECK(names["intensity"] == true);
  CHECK(call({"inspect", run / "last", "--json", "-"}).json()["condition"] == names);
  const std::string speaker = names["speakers"][0], style = names["styles"][0];
  CHECK(has(call({"inspect", run.string()}).out, "condition:\n"));
  CHECK(has(call({"inspect", run.string()}).out, "  speakers: " + cat(names["speakers"].size())));
  CHECK_FALSE(call({"inspect", shared_run().string(), "--json", "-"}).json().contains("condition"));

  const auto plain = predicted(run, sound, Json::object());
  const auto who = predicted(run, sound, {{"speaker", speaker}});
  const auto none = predicted(run, sound, {{"style", style}, {"intensity", 0.0}});
  const auto whole = predicted(run, sound, {{"style", style}});
  CHECK(furthest(plain, who) > 1e-4);
  CHECK(furthest(plain, whole) > 1e-4);
  CHECK(furthest(plain, none) == 0);

  const auto refused = [&](const fs::path& of, const Json& told, const std::string& part) {
    const auto ran = call(predict_line(of, sound, dir / "no.npy", told));
    INFO(ran.err);
    CHECK(ran.code == 2);
    CHECK(ran.one_sentence());
    CHECK(has(ran.err, part));
    CHECK(!fs::exists(dir / "no.npy"));
  };
  refused(run, {{"speaker", speaker + "x"}}, "did you mean \"" + speaker + "\"?");
  refused(run, {{"speaker", "nobody at all"}}, "it learnt " + speaker);
  refused(run, {{"style", "nothing like it"}}, "learnt no style");
  refused(run, {{"intensity", 0.5}}, "add --style");
  refused(shared_run(), {{"speaker", speaker}}, "trained without model.condition.speaker");
  CHECK(call(predict_line(run, sound, dir / "no.npy", {{"style", style}, {"intensity", 11.0}}))
            .code == 2);
  const auto mean = call(conditioned_training(dir / "mean", {"model.head=mean"}));
  CHECK(mean.code == 2);
  CHECK(mean.one_sentence());
  CHECK(has(mean.err, "model.head=mean answers the same whatever it is told"));
}

TEST_CASE("conditioned: kuchi live says what kuchi predict says, told the same", "[cli][slow]") {
  NEEDS_PROGRAM();
  const TempDir dir;
  const auto sound = make_sound(dir.path);
  audio::write_wav(dir / "sound.wav", audio::read(sound));
  const auto names = names_of(told_run());
  const Json told = {
      {"speaker", names["speakers"][0]}, {"style", names["styles"][0]}, {"intensity", 0.5}};
  const auto want = predicted(told_run(), dir / "sound.wav", told);
  std::string options;
  for (const auto& option : options_of(told)) options += " " + quoted(fs::path(option));
  const auto live = quoted(program()) + " live " + quoted(told_run()) + " -q";

  const auto ran = shell("tail -c +45 " + quoted(dir / "sound.wav") + " | " + live + options);

  INFO(ran.err);
  REQUIRE(ran.code == 0);
  size_t at = 0;
  for (const auto& line : split(ran.out, '\n')) {
    if (line.empty()) continue;
    const auto frame = nlohmann::ordered_json::parse(line);
    for (const auto& [name, value] : frame["curves"].items()) {
      REQUIRE(at < want.size());
      REQUIRE(std::abs(value.get<double>() - want[at++]) <= 1e-5);
    }
  }
  CHECK(at == want.size());
  const auto refused = shell(live + " --speaker nobody < /dev/null");
  CHECK(refused.code == 2);
  CHECK(has(refused.err, "learnt no speaker \"nobody\""));
}

TEST_CASE("conditioned: as ONNX a model takes numbers of names, and gives what kuchi predict gives",
          "[cli][slow]") {
  NEEDS_PROGRAM();
  const TempDir dir;
  fs::create_directories(dir / "wav");
  const std::vector<int64_t> frames = {1, 2, 7, 16, 31, 64, 100, 333, 1000};
  for (const auto n : frames) {
    audio::write_wav(dir / cat("wav/", 10000 + n, ".wav"),
                     tone(n * 16000 / 30 + 400, static_cast<uint64_t>(n)));
  }
  write(dir / "e.json",
        "{\"model_type\": \"wav2vec2\", \"conv_dim\": [8, 8, 8, 8, 8, 8, 8], \"hidden_size\": 16, "
        "\"num_hidden_layers\": 2, \"num_attention_heads\": 2, \"intermediate_size\": 32, "
        "\"num_conv_pos_embeddings\": 8, \"num_conv_pos_embedding_groups\": 2}");
  must({"encoder", "init", "--config", (dir / "e.json").string(), (dir / "encoder").string()});
  const std::vector<std::pair<std::string, std::vector<std::string>>> kinds = {
      {"bilstm", {}},
      {"linear", {"model.head=linear"}},
      {"tcn", {"model.head=tcn", "model.tcn.width=12"}},
      {"transformer",
       {"model.head=transformer", "model.transformer.width=16", "model.transformer.heads=2",
        "model.transformer.feed_forward=24", "model.transformer.layers=1"}},
      {"speakers", {"model.condition.style=false", "model.condition.intensity=false"}},
      {"styles", {"model.condition.speaker=false", "model.condition.intensity=false"}},
      {"wav2vec2",
       {"model.head=wav2vec2", "model.wav2vec2.encoder=" + (dir / "encoder").string(),
        "model.wav2vec2.head=tcn", "model.wav2vec2.tune=all", "model.tcn.width=12"}}};
  std::vector<std::string> line = {source("tests/cli/compare_onnx.py").string(), dir.path.string()};
  for (const auto& [name, options] : kinds) {
    const auto run = dir / ("run-" + name);
    must(conditioned_training(run, options));
    const auto names = names_of(run);
    Json all = Json::object();
    const bool speakers = names.contains("speakers"), styles = names.contains("styles");
    size_t i = 0;
    for (const auto& entry : fs::directory_iterator(dir / "wav")) {
      Json told = Json::object();
      if (speakers && i % 3 != 0) told["speaker"] = names["speakers"][i % names["speakers"].size()];
      if (styles && i % 4 != 0) told["style"] = names["styles"][i % names["styles"].size()];
      if (styles && i % 4 > 1 && names.value("intensity", false))
        told["intensity"] = 0.5 * static_cast<double>(i % 3);
      const auto stem = entry.path().stem().string();
      all[stem] = told;
      fs::create_directories(dir / (name + "/curves"));
      must(predict_line(run, entry.path(), dir / (name + "/curves/" + stem + ".npy"), told));
      ++i;
    }
    write(dir / (name + "/told.json"), all.dump());
    const auto made = must({"export", run.string(), "--out",
                            (dir / (name + "/audio.onnx")).string(), "--json", "-"})
                          .json();
    CHECK(made["inputs"].contains("speaker") == speakers);
    CHECK(made["inputs"].contains("style") == styles);
    if (speakers) CHECK(made["inputs"]["speaker"] == "int64 [batch]");
    if (styles && names.value("intensity", false))
      CHECK(made["inputs"]["intensity"] == "float32 [batch]");
    const auto meta =
        call({"inspect", dir / (name + "/audio.onnx"), "--json", "-"}).json()["metadata"];
    if (speakers) {
      auto numbered = Json::parse(meta["speakers"].get<std::string>());
      CHECK(numbered[0] == "");
      numbered.erase(0);
      CHECK(numbered == names["speakers"]);
    }
    CHECK(meta.contains("styles") == styles);
    if (name != "wav2vec2") {
      must({"export", run.string(), "--from", "features", "--out",
            (dir / (name + "/features.onnx")).string()});
      std::vector<std::string> encode = {"encode", "logmel"};
      for (const auto& entry : fs::directory_iterator(dir / "wav")) encode.push_back(entry.path());
      for (const char* o : {"--fps", "30", "--out"}) encode.emplace_back(o);
      encode.push_back((dir / (name + "/features")).string());
      must(encode);
    }
    line.push_back(name);
  }

  const auto all = python_json(line);

  if (all.is_null()) return;
  CHECK_FALSE(all.empty());
  for (const auto& [name, forms] : all.items()) {
    CHECK(forms.size() == (name == "wav2vec2" ? 1 : 2));
    for (const auto& [form, measured] : forms.items()) {
      INFO(name << " " << form << ": " << measured.dump(1));
      for (const auto* how : {"alone", "batch"}) {
        CHECK(measured[how].size() == frames.size());
        for (const auto& [clip, difference] : measured[how].items()) {
          CHECK(difference.get<double>() <= 1e-4);
        }
      }
      CHECK(measured["beyond"].get<double>() == 0);
      CHECK(measured["odd"]["zero"].get<double>() == 0);
    }
  }
  // A number that names nobody is the pivot.
  const auto odd = python({"-c",
                           "import sys, numpy as np, onnxruntime as ort\n"
                           "s = ort.InferenceSession(sys.argv[1])\n"
                           "a = np.random.default_rng(1).normal(0, .1, (1, 9000)).astype(\"f4\")\n"
                           "y = [s.run(None, {\"audio\": a, \"lengths\": np.array([9000]),\n"
                           "    \"speaker\": np.array([n])})[0] for n in (0, -1, 99, 1)]\n"
                           "print(abs(y[0] - y[1]).max(), abs(y[0] - y[2]).max(),\n"
                           "      abs(y[0] - y[3]).max() > 1e-4)",
                           (dir / "speakers/audio.onnx").string()});
  INFO(odd.err);
  CHECK(odd.out == "0.0 0.0 True\n");
}

TEST_CASE("conditioned: in an ensemble each is told what it can be", "[cli][slow]") {
  NEEDS_PROGRAM();
  const TempDir dir;
  const auto sound = make_sound(dir.path);
  const auto a = told_run().string(), plain = shared_run().string(), b = (dir / "b").string();
  must(conditioned_training(
      b, {"model.condition.style=false", "model.condition.intensity=false", "data.synth.seed=5"}));
  const std::string speaker = names_of(a)["speakers"][0], style = names_of(a)["styles"][0];
  const auto both = [&](const std::string& other, const std::vector<std::string>& more) {
    std::vector<std::string> line = {
        "predict",  a,     other,     sound,   "--ensemble",
        "--format", "npy", "--force", "--out", (dir / "y.npy").string()};
    line.insert(line.end(), more.begin(), more.end());
    return call(line);
  };
  REQUIRE(both(plain, {"--speaker", speaker}).code == 0);
  const auto mean = io::read_npy<float>(dir / "y.npy").values;
  const auto one = predicted(a, sound, {{"speaker", speaker}}),
             two = predicted(plain, sound, Json::object());
  REQUIRE(mean.size() == one.size());
  for (size_t i = 0; i < mean.size(); ++i) {
    REQUIRE(mean[i] == Approx((one[i] + two[i]) / 2).margin(1e-6));
  }
  CHECK(both(plain, {"--style", style, "--intensity", "0.5"}).code == 0);
  const auto export_line = [&](const std::string& other) {
    return call({"export", a, other, "--ensemble", "--force", "--json", "-", "--out",
                 (dir / "e.onnx").string()});
  };
  const auto made = export_line(plain);
  REQUIRE(made.code == 0);
  CHECK(made.json()["inputs"].size() == 5);
  if (names_of(a)["speakers"] == names_of(b)["speakers"]) return;
  const auto apart = export_line(b);
  CHECK(apart.code == 2);
  CHECK(apart.one_sentence());
  CHECK(has(apart.err, "learnt other speakers"));
}
