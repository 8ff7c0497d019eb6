// kuchi export in its other forms: in chunks, with small weights, and checked in ONNX Runtime's
// library.
#include "program.h"

using namespace kuchi;
using namespace kuchi::test;

namespace {

/// ONNX Runtime's library as the tests' Python brings it; empty where it does not.
fs::path runtime_library() {
  const fs::path lib = source("build/venv-tests/lib");
  if (!fs::exists(lib)) return {};
  for (const auto& python : fs::directory_iterator(lib)) {
    const auto folder = python.path() / "site-packages/onnxruntime/capi";
    if (!fs::exists(folder)) continue;
    for (const auto& e : fs::directory_iterator(folder)) {
      if (e.path().filename().string().rfind("libonnxruntime.so", 0) == 0) return e.path();
    }
  }
  return {};
}

#define NEEDS_RUNTIME()                                                         \
  do {                                                                          \
    if (runtime_library().empty()) {                                            \
      WARN("skipped: no ONNX Runtime here; run scripts/setup.sh --test-tools"); \
      return;                                                                   \
    }                                                                           \
  } while (false)

fs::path trained_run(const TempDir& dir, const std::string& name,
                     const std::vector<std::string>& overrides) {
  auto line = little_training(dir / name);
  line.insert(line.end(), overrides.begin(), overrides.end());
  must(line);
  return dir / name;
}

/// kuchi export … --check in the library → its JSON.
Json checked(const TempDir& dir, std::vector<std::string> line, const std::string& sound) {
  line.insert(line.begin(), "export");
  for (const auto& more :
       {std::string("--check"), sound, std::string("--runtime"), runtime_library().string(),
        std::string("--out"), (dir / "m.onnx").string(), std::string("--force"),
        std::string("--json"), std::string("-")}) {
    line.push_back(more);
  }
  return must(line).json();
}

}  // namespace

TEST_CASE("export: --check runs both forms and says how far they are from the run", "[cli]") {
  NEEDS_PROGRAM();
  NEEDS_RUNTIME();
  const TempDir dir;
  const auto sound = make_sound(dir.path), run = shared_run().string();
  for (const std::string from : {"audio", "features"}) {
    const auto made = checked(dir, {run, "--from", from}, sound);
    CHECK(made["check"]["frames"] >= 50);
    CHECK(made["check"]["largest"].get<double>() <= 1e-5);
    CHECK(made["check"]["mean_square"].get<double>() <= 1e-10);
  }
  const auto said = must({"export", run, "--check", sound, "--runtime", runtime_library().string(),
                          "--out", (dir / "t.onnx").string()});
  CHECK(said.out.find(" frames, largest difference") != std::string::npos);
}

TEST_CASE("export: --check says where a file's curves are not the run's, and exits with 3",
          "[cli]") {
  NEEDS_PROGRAM();
  NEEDS_RUNTIME();
  if (!installed("cc")) {
    WARN("skipped: no C compiler to build a wrong runtime with");
    return;
  }
  const TempDir dir;
  const auto sound = make_sound(dir.path), run = shared_run().string();
  // ONNX Runtime as it is, but for one value of what it gives: the wrong curve that a --check is
  // for.
  write(dir / "wrong.c", R"(
#include <dlfcn.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef void* (*run_t)(void*, const void*, const char* const*, const void* const*, size_t,
                       const char* const*, size_t, void**);
typedef void* (*data_t)(void*, void**);
typedef struct { const void* const* (*api)(uint32_t); const char* (*version)(void); } base_t;

static const void* table[102];
static base_t base;
static const base_t* real;

static void* run(void* a, const void* b, const char* const* c, const void* const* d, size_t e,
                 const char* const* f, size_t g, void** outputs) {
  float* values;
  run_t real_run;
  data_t data;
  const void* const* api = real->api(1);
  memcpy(&real_run, &api[9], sizeof real_run);
  memcpy(&data, &api[51], sizeof data);
  void* status = real_run(a, b, c, d, e, f, g, outputs);
  if (status != NULL || data(outputs[0], (void**)&values) != NULL) return status;
  values[5] += WRONG_BY;
  return NULL;
}

static const void* const* api(uint32_t version) {
  run_t mine = run;
  const void* const* all = real->api(version);
  for (int i = 0; i < 102; ++i) table[i] = all[i];
  memcpy(&table[9], &mine, sizeof mine);
  return table;
}

const base_t* OrtGetApiBase(void) {
  const base_t* (*get)(void);
  void* library = dlopen(RUNTIME, RTLD_NOW | RTLD_LOCAL);
  void* found = dlsym(library, "OrtGetApiBase");
  memcpy(&get, &found, sizeof get);
  real = get();
  base.api = api;
  base.version = real->version;
  return &base;
}
)");
  int built = 0;
  const auto wrong_by = [&](const std::string& value) {
    const auto file = dir / cat("wrong", built++, ".so");
    const auto cc = shell("cc -shared -fPIC '-DWRONG_BY=" + value + "' -DRUNTIME='\"" +
                          runtime_library().string() + "\"' " + quoted(dir / "wrong.c") + " -o " +
                          quoted(file));
    INFO(cc.err);
    REQUIRE(cc.code == 0);
    return file.string();
  };
  const auto check = [&](const std::string& library, const std::string& weights) {
    return call({"export", run, "--from", "features", "--out", (dir / "m.onnx").string(), "--force",
                 "--check", sound, "--runtime", library, "--weights", weights});
  };
  const auto ran = check(wrong_by("0.01f"), "fp32");
  CHECK(ran.code == 3);
  CHECK(ran.one_sentence());
  CHECK(has(ran.err, (dir / "m.onnx").string()));
  CHECK(has(ran.err, "up to 0.01"));
  CHECK(has(ran.err, "do not use it"));
  CHECK(check(wrong_by("0.00003f"), "fp32").code == 0);  // sums in another order
  CHECK(check(wrong_by("(0.0f/0.0f)"), "fp32").code == 3);
  CHECK(check(wrong_by("0.01f"), "int8").code == 0);  // told, not judged
}

TEST_CASE("export: --check without a library, with a wrong one, on no sound", "[cli]") {
  NEEDS_PROGRAM();
  const TempDir dir;
  const auto sound = make_sound(dir.path), run = shared_run().string();
  const auto file = (dir / "m.onnx").string();
  if (!fs::exists("/usr/lib/x86_64-linux-gnu/libonnxruntime.so")) {
    const auto told = must({"export", run, "--from", "features", "--out", file, "--check", sound});
    CHECK(told.out.find("not compared") != std::string::npos);
    CHECK(told.out.find("scripts/compare_onnx.py " + file + " curves.npy --features") !=
          std::string::npos);
  }
  const auto wrong = call({"export", run, "--out", file, "--force", "--check", sound, "--runtime",
                           source("README.md").string()});
  CHECK(wrong.code == 5);
  CHECK(wrong.one_sentence());
  CHECK(wrong.err.find("libonnxruntime.so") != std::string::npos);
  const auto alone = call({"export", run, "--out", file, "--force", "--runtime", "x.so"});
  CHECK(alone.code == 2);
  CHECK(alone.one_sentence());
  const auto mute = call({"export", run, "--out", dir / "n.onnx", "--check", dir / "no.wav"});
  CHECK(mute.code == 3);
  CHECK(!fs::exists(dir / "n.onnx"));
}

TEST_CASE("export: a streaming session gives what kuchi predict gives", "[cli][slow]") {
  NEEDS_PROGRAM();
  NEEDS_RUNTIME();
  const TempDir dir;
  const auto sound = make_sound(dir.path);
  const auto a = trained_run(dir, "a", {"model.head=lstm", "model.lstm.hidden=24"});
  const auto b = trained_run(dir, "b", {"model.head=linear", "model.linear.context=4"});

  const auto one = checked(dir, {a.string(), "--streaming", "--from", "features"}, sound);
  CHECK(one["inputs"]["features"] == "float32 [batch, frames, 240]");
  CHECK(one["inputs"]["lengths"] == "int64 [batch]");
  CHECK(one["check"]["largest"].get<double>() <= 1e-5);
  const auto meta = call({"inspect", dir / "m.onnx", "--json", "-"}).json()["metadata"];
  CHECK(meta["streaming"] == "1");
  CHECK(meta["lookahead_frames"] == "2");
  const auto states = Json::parse(meta["states"].get<std::string>());
  CHECK(one["inputs"].size() == 2 + states.size());
  CHECK(one["outputs"].size() == 1 + states.size());
  for (const auto& state : states) {
    CHECK(one["inputs"].contains(state["in"].get<std::string>()));
    CHECK(one["outputs"].contains(state["out"].get<std::string>()));
  }

  for (const std::string from : {"audio", "features"}) {
    const auto both =
        checked(dir, {a.string(), b.string(), "--ensemble", "--streaming", "--from", from}, sound);
    CHECK(both["check"]["largest"].get<double>() <= 1e-5);
    const auto late = call({"inspect", dir / "m.onnx", "--json", "-"}).json()["metadata"];
    CHECK(late["lookahead_frames"] == "4");  // the later of both
    CHECK(late.contains("chunk_samples") == (from == "audio"));
    if (from == "audio") CHECK(late["chunk_samples"] == "1600");
    if (from == "audio") CHECK(late["chunk_frames"] == "3");
  }

  must({"predict", a.string(), sound, "--format", "npy", "--out", (dir / "c.npy").string()});
  must({"encode", "logmel", sound, "--fps", "30", "--out", (dir / "f.npy").string()});
  for (const std::string from : {"audio", "features"}) {
    must({"export", a.string(), "--streaming", "--from", from, "--out", (dir / "s.onnx").string(),
          "--force"});
    const auto script = python({source("scripts/compare_onnx.py").string(),
                                (dir / "s.onnx").string(), (dir / "c.npy").string(), "--" + from,
                                from == "audio" ? sound : (dir / "f.npy").string()});
    INFO(script.err << script.out);
    CHECK(script.code == 0);
    CHECK(script.out.find(" frames, largest difference") != std::string::npos);
  }
}

TEST_CASE("export: chunks of sound are exact for any length", "[cli][slow]") {
  NEEDS_PROGRAM();
  NEEDS_RUNTIME();
  const TempDir dir;
  const auto lstm = trained_run(dir, "a", {"model.head=lstm", "model.lstm.hidden=24"}).string();
  const auto tcn = trained_run(dir, "b",
                               {"model.head=tcn", "model.tcn.width=16", "model.tcn.blocks=2",
                                "features.stack=1"})
                       .string();
  Stream random(5, "noise");
  for (const int64_t samples : {600, 1599, 1600, 1601, 5000, 40123}) {
    std::vector<float> noise;
    for (int64_t i = 0; i < samples; ++i) {
      noise.push_back(static_cast<float>(0.1 * random.normal()));
    }
    audio::write_wav(dir / "noise.wav", noise);
    for (const auto& run : {lstm, tcn}) {
      const auto made = checked(dir, {run, "--streaming"}, (dir / "noise.wav").string());
      INFO(run << " " << samples);
      CHECK(made["inputs"]["audio"] == "float32 [batch, samples]");
      CHECK(made["check"]["frames"] == samples * 30 / 16000);
      CHECK(made["check"]["largest"].get<double>() <= 1e-5);
    }
  }
  const auto wide =
      trained_run(dir, "c", {"model.head=lstm", "model.lstm.hidden=24", "features.stack=5"});
  const auto refused = call({"export", wide.string(), "--streaming", "--out", dir / "n.onnx"});
  CHECK(refused.code == 2);
  CHECK(refused.one_sentence());
  CHECK(refused.err.find("--from features") != std::string::npos);
  must({"export", wide.string(), "--streaming", "--from", "features", "--out", dir / "n.onnx"});
}

TEST_CASE("export: what cannot stream is told what to train", "[cli]") {
  NEEDS_PROGRAM();
  const TempDir dir;
  const auto run = shared_run().string();  // a bilstm
  const auto whole = call({"export", run, "--streaming", "--out", dir / "n.onnx"});
  CHECK(whole.code == 2);
  CHECK(whole.one_sentence());
  CHECK(whole.err.find("lstm or tcn") != std::string::npos);
  CHECK(!fs::exists(dir / "n.onnx"));
}

TEST_CASE("export: small weights make small files and cost little", "[cli][slow]") {
  NEEDS_PROGRAM();
  NEEDS_RUNTIME();
  const TempDir dir;
  const auto sound = make_sound(dir.path);
  const auto head =
      GENERATE(as<std::vector<std::string>>{}, std::vector<std::string>{},
               std::vector<std::string>{"model.head=lstm", "model.lstm.hidden=96"},
               std::vector<std::string>{"model.head=tcn", "model.tcn.width=64"},
               std::vector<std::string>{"model.head=transformer", "model.transformer.width=64",
                                        "model.transformer.layers=2"});
  const auto run = trained_run(dir, "run", head).string();
  std::map<std::string, Json> made;
  for (const std::string weights : {"fp32", "fp16", "int8"}) {
    made[weights] = checked(dir, {run, "--from", "features", "--weights", weights}, sound);
    const auto meta = call({"inspect", dir / "m.onnx", "--json", "-"}).json()["metadata"];
    CHECK(meta.contains("weights") == (weights != "fp32"));
    const auto sane = python({"-c",
                              "import sys, onnx\n"
                              "model = onnx.load(sys.argv[1])\n"
                              "onnx.checker.check_model(model, full_check=True)\n"
                              "g = model.graph\n"
                              "used = {i for n in g.node for i in n.input}\n"
                              "used |= {o.name for o in g.output}\n"
                              "left = [c.name for c in g.initializer if c.name not in used]\n"
                              "assert not left, left",
                              (dir / "m.onnx").string()});
    INFO(sane.err);
    if (sane.code != -1) CHECK(sane.code == 0);
  }
  const auto bytes = [&](const char* w) { return made[w]["bytes"].get<double>(); };
  const auto square = [&](const char* w) { return made[w]["check"]["mean_square"].get<double>(); };
  CHECK(bytes("fp16") < 0.62 * bytes("fp32"));
  CHECK(bytes("int8") < 0.45 * bytes("fp32"));
  CHECK(square("fp32") < 1e-10);
  CHECK(square("fp16") < 1e-6);
  CHECK(square("int8") < 1e-4);
  CHECK(square("fp16") <= square("int8"));
}
