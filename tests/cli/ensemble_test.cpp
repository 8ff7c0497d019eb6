// Several runs as one: eval and predict with --ensemble; and features for models from features.
#include <cmath>

#include "program.h"

using namespace kuchi;
using namespace kuchi::test;

namespace {

/// One store, and two unlike runs trained on it with the same split: made once.
struct Pair {
  TempDir dir;
  fs::path data = dir / "data", store = dir / "s.h5", a = dir / "a", b = dir / "b";
  static const Pair& get() {
    static const Pair one;
    return one;
  }
  std::vector<std::string> training(const fs::path& run, const std::string& head) const {
    return {"train",
            source("configs/debug/tiny.yaml").string(),
            "--out",
            run.string(),
            "data.store=" + store.string(),
            "model.head=" + head,
            "train.max_epochs=2",
            "train.threads=1",
            "data.split.by=clip",
            "data.split.valid=0.2",
            "data.split.test=0.4"};
  }

 private:
  Pair() {
    REQUIRE(call({"synth", data.string(), "--clips", "8", "--seconds", "2"}).code == 0);
    REQUIRE(call({"prepare", (data / "recipe.yaml").string(), "--out", store.string()}).code == 0);
    REQUIRE(call(training(a, "bilstm")).code == 0);
    REQUIRE(call(training(b, "linear")).code == 0);
  }
};

Json eval(const std::vector<std::string>& runs, const std::vector<std::string>& more = {}) {
  std::vector<std::string> arguments = {"eval"};
  arguments.insert(arguments.end(), runs.begin(), runs.end());
  arguments.insert(arguments.end(), more.begin(), more.end());
  arguments.insert(arguments.end(), {"--json", "-"});
  const auto ran = call(arguments);
  INFO(ran.err);
  REQUIRE(ran.code == 0);
  return ran.json();
}

std::string read_store_of(const fs::path& run) {
  return Json::parse(content(run / "data.json"))["store"].get<std::string>();
}

double mse(const Json& suite) { return suite["metrics"]["mse"]["value"].get<double>(); }

}  // namespace

TEST_CASE("ensemble: eval judges the mean of what predict says", "[cli][slow]") {
  NEEDS_PROGRAM();
  const auto& pair = Pair::get();
  const TempDir dir;

  const auto suite = eval({pair.a.string(), pair.b.string()}, {"--ensemble"});

  // The same by hand: predictions of the judged clips averaged, against the curves as they were
  // made.
  double squares = 0, count = 0;
  for (const auto& [id, scores] : suite["per_clip"].items()) {
    fs::path wav, target;
    for (const auto& entry : fs::recursive_directory_iterator(pair.data)) {
      if (entry.path().filename() == id + ".wav") wav = entry.path();
      if (entry.path().filename() == id + ".npy") target = entry.path();
    }
    for (const auto& run : {pair.a, pair.b}) {
      const auto out = dir / (run.filename().string() + id + ".npy");
      REQUIRE(call({"predict", run.string(), wav.string(), "--out", out.string()}).code == 0);
    }
    const auto a = io::read_npy<float>(dir / ("a" + id + ".npy"));
    const auto b = io::read_npy<float>(dir / ("b" + id + ".npy"));
    const auto y = io::read_npy<float>(target);
    for (size_t i = 0; i < std::min(a.values.size(), y.values.size()); ++i) {
      squares += std::pow((a.values[i] + b.values[i]) / 2 - y.values[i], 2);
      count += 1;
    }
  }
  CHECK(suite["clips"] == suite["per_clip"].size());
  CHECK(count == suite["frames"].get<double>() * suite["curves"].get<double>());
  CHECK(mse(suite) == Approx(squares / count).epsilon(1e-4));
  CHECK(suite["model"] == pair.a.string() + " + " + pair.b.string());
}

TEST_CASE("ensemble: of one model twice is that model; of two no worse than their mean",
          "[cli][slow]") {
  NEEDS_PROGRAM();
  const auto& pair = Pair::get();
  const auto a = pair.a.string(), b = pair.b.string();

  const auto alone = eval({a, b});

  const auto copy = (Pair::get().dir / "copy").string();
  fs::remove_all(copy);
  fs::copy(a, copy, fs::copy_options::recursive | fs::copy_options::copy_symlinks);
  CHECK(mse(eval({a, copy}, {"--ensemble"})) == Approx(mse(alone[0])).epsilon(1e-6));
  // Squared error is convex; equal only where both say the same.
  CHECK(mse(eval({a, b}, {"--ensemble"})) < (mse(alone[0]) + mse(alone[1])) / 2);
}

TEST_CASE("ensemble: a member that learnt from what is judged is refused", "[cli][slow]") {
  NEEDS_PROGRAM();
  const auto& pair = Pair::get();
  const TempDir dir;
  auto other = pair.training(dir / "c", "linear");
  other.push_back("data.split.seed=9");
  REQUIRE(call(other).code == 0);

  const auto ran = call({"eval", pair.a, dir / "c", "--ensemble"});

  CHECK(ran.code == 2);
  CHECK(ran.err.find("judged here as test") != std::string::npos);
  CHECK(call({"eval", pair.a, dir / "c", "--ensemble", "--split", "all", "--json", "-"}).code == 0);
}

TEST_CASE("ensemble: runs that do not go together are refused", "[cli][slow]") {
  NEEDS_PROGRAM();
  const auto& pair = Pair::get();
  const TempDir dir;
  auto other = little_training(dir / "c");
  other.insert(other.end(), {"model.head=mean", "data.synth.rig=kuchi26"});
  REQUIRE(call(other).code == 0);
  const auto wav = dir / "a.wav";
  audio::write_wav(wav, std::vector<float>(16000, 0.1F));

  const auto ran = call({"predict", pair.a, dir / "c", wav, "--ensemble", "--out", dir / "o.csv"});
  const auto forgotten = call({"predict", pair.a, pair.b, wav, "--out", dir / "o.csv"});
  const auto nothing = call({"predict", pair.a, pair.b, "--ensemble", "--out", dir / "o.csv"});

  CHECK(ran.code == 2);
  CHECK(ran.one_sentence());
  CHECK(ran.err.find("cannot be averaged with") != std::string::npos);
  CHECK(forgotten.code == 2);
  CHECK(forgotten.err.find("--ensemble") != std::string::npos);
  CHECK(nothing.code == 2);
  CHECK(nothing.err.find("no audio file") != std::string::npos);
  const auto twice = call({"eval", pair.a, pair.a, "--ensemble"});
  CHECK(twice.code == 2);
  CHECK(twice.err.find("is named twice") != std::string::npos);
  const auto late = call({"predict", pair.a, wav, pair.b, "--ensemble", "--out", dir / "o.csv"});
  CHECK(late.code == 2);
  CHECK(late.err.find("runs come before the audio") != std::string::npos);
  CHECK(!fs::exists(dir / "o.csv"));
}

TEST_CASE("encode: log-mel on its own clock, or stacked at curve frames", "[cli]") {
  NEEDS_PROGRAM();
  const TempDir dir;
  const auto wav = dir / "a.wav";
  audio::write_wav(wav, std::vector<float>(16000, 0.1F));

  CHECK(call({"encode", "logmel", wav, "--out", dir / "own.npy"}).code == 0);
  CHECK(call({"encode", "logmel", wav, "--out", dir / "at.npy", "--fps", "30", "features.stack=5"})
            .code == 0);
  const auto useless = call({"encode", "logmel", wav, "--out", dir / "no.npy", "features.stack=5"});
  const auto other = call({"encode", "logmel", wav, "--out", dir / "no.npy", "train.lr=1e-3"});

  CHECK(io::read_npy_header(dir / "own.npy").shape == std::vector<int64_t>{101, 80});
  CHECK(io::read_npy_header(dir / "at.npy").shape == std::vector<int64_t>{30, 400});
  CHECK(useless.code == 2);
  CHECK(useless.one_sentence());
  CHECK(other.code == 2);
  CHECK(other.one_sentence());
  CHECK(!fs::exists(dir / "no.npy"));
}

TEST_CASE("consent: given beside a store that is prepared already it is refused", "[cli]") {
  NEEDS_PROGRAM();
  const TempDir dir;
  const auto store = read_store_of(shared_run());
  const auto ran = call({"train", source("configs/debug/tiny.yaml").string(), "--out", dir / "r",
                         "data.store=" + store, "data.consent=signed by all"});
  CHECK(ran.code == 2);
  CHECK(ran.err.find("is recorded when a store is prepared") != std::string::npos);
}
