// kuchi predict of recordings longer than a window: memory, seams, and what is refused.
#include <cmath>

#include "audio/audio.h"
#include "caught.h"
#include "core/random.h"
#include "farthest.h"
#include "io/npy.h"
#include "program.h"

using namespace kuchi;
using namespace kuchi::test;

namespace {

/// Noise in syllables, `seconds` of it.
std::string long_sound(const fs::path& file, int seconds) {
  kuchi::Stream random(9, "long audio test");
  std::vector<float> samples(static_cast<size_t>(16000) * static_cast<size_t>(seconds));
  for (size_t i = 0; i < samples.size(); ++i) {
    const double loud = std::abs(std::sin(static_cast<double>(i) / 2700.0));
    samples[i] = static_cast<float>(0.3 * loud * random.uniform(-1, 1));
  }
  audio::write_wav(file, samples);
  return file.string();
}

fs::path long_run(const std::string& name, const std::vector<std::string>& settings) {
  const fs::path run = Workshop::get().dir / ("long-" + name);
  auto line = little_training(run);
  line.insert(line.end(), settings.begin(), settings.end());
  must(line);
  return run;
}

double between(const fs::path& a, const fs::path& b) {
  const auto x = io::read_npy<float>(a), y = io::read_npy<float>(b);
  REQUIRE(x.shape == y.shape);
  return farthest(x.values, y.values);
}

}  // namespace

TEST_CASE("predict: ten minutes take hardly more memory than one, and give the same curves",
          "[cli][slow]") {
  NEEDS_PROGRAM();
  TempDir dir;
  const auto one = long_sound(dir / "one.wav", 60), ten = long_sound(dir / "ten.wav", 600);
  struct Case {
    std::string name;
    std::vector<std::string> settings;
    double within;  // of the whole clip heard at once
  };
  const std::vector<Case> cases = {
      {"windowed",
       {"model.head=transformer", "model.transformer.attention=windowed",
        "model.transformer.width=64", "model.transformer.layers=2", "model.transformer.left=16",
        "model.transformer.right=4"},
       1e-5},
      {"lstm", {"model.head=lstm", "model.lstm.hidden=32"}, 1e-5},
      {"bilstm", {}, 1e-4},
  };
  for (const auto& c : cases) {
    INFO(c.name);
    const auto run = long_run(c.name, c.settings).string();
    const auto predict = [&](const std::string& audio, const std::string& name,
                             const std::vector<std::string>& more) {
      std::vector<std::string> line = {"predict",  run,   audio,    "--out", (dir / name).string(),
                                       "--device", "cpu", "--force"};
      line.insert(line.end(), more.begin(), more.end());
      return must(line).peak_mb;
    };
    const double short_mb = predict(one, "one.npy", {}), long_mb = predict(ten, "ten.npy", {});
    INFO(short_mb << " MB for a minute, " << long_mb << " MB for ten");
    CHECK(long_mb <= 1.1 * short_mb);
    predict(ten, "whole.npy", {"--window", "0"});
    CHECK(io::read_npy<float>(dir / "ten.npy").shape[0] == 18000);
    CHECK(between(dir / "ten.npy", dir / "whole.npy") <= c.within);
  }
}

TEST_CASE("predict: windows that overlap by half are refused in a sentence", "[cli]") {
  NEEDS_PROGRAM();
  TempDir dir;
  const auto sound = make_sound(dir.path);
  const auto ran = call({"predict", shared_run().string(), sound, "--out", (dir / "c.npy").string(),
                         "--window", "8", "--overlap", "4"});
  CHECK(ran.code == 2);
  CHECK(ran.one_sentence());
  CHECK(has(ran.err, "twice as long as the overlap"));
  CHECK_FALSE(fs::exists(dir / "c.npy"));
}
