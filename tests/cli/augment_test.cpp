// Changes to audio from the command line: heard in files, and learnt from.
#include "program.h"

using namespace kuchi;
using namespace kuchi::test;

namespace {

const std::string kTiny = source("configs/debug/tiny.yaml").string();

std::vector<std::string> with_little_data(std::vector<std::string> line,
                                          const std::vector<std::string>& more) {
  for (const char* text : {"data.synth.clips=6", "data.synth.seconds=2", "data.split.by=clip",
                           "data.split.valid=0.2", "data.split.test=0.4"}) {
    line.push_back(text);
  }
  line.insert(line.end(), more.begin(), more.end());
  return line;
}

int64_t rows(const fs::path& csv) {
  const auto text = content(csv);
  return std::count(text.begin(), text.end(), '\n');
}

}  // namespace

TEST_CASE("cli: inspect --augment writes a clip as it is and as epochs hear it", "[cli]") {
  NEEDS_PROGRAM();
  const TempDir dir;
  const auto out = (dir / "heard").string();
  const auto line =
      with_little_data({"inspect", kTiny, "--augment", out, "--variants", "2", "--json", "-"},
                       {"augment.background.p=1", "augment.level.p=1", "augment.pitch.p=1"});
  const auto told = must(line).json();
  REQUIRE(told["variants"].size() == 3);
  CHECK(told["variants"][0]["drawn"].empty());
  CHECK(told["variants"][1]["drawn"].size() == 3);
  CHECK(told["variants"][1]["drawn"] != told["variants"][2]["drawn"]);
  std::vector<std::string> sounds;
  for (const auto& variant : told["variants"]) {
    const fs::path wav = variant["audio"].get<std::string>();
    const fs::path csv = variant["curves"].get<std::string>();
    const auto heard = must({"inspect", wav.string(), "--json", "-"}).json();
    CHECK(heard["rate"] == 16000);
    CHECK(heard["seconds"].get<double>() > 1);
    CHECK(rows(csv) > 30);
    CHECK(rows(csv) == rows(told["variants"][0]["curves"].get<std::string>()));
    sounds.push_back(content(wav));
  }
  CHECK(sounds[0] != sounds[1]);
  CHECK(sounds[1] != sounds[2]);
  // Noise, level and pitch leave the mouth alone.
  CHECK(content(told["variants"][0]["curves"].get<std::string>()) ==
        content(told["variants"][2]["curves"].get<std::string>()));

  const auto again = call(line);
  CHECK(again.code == 2);
  CHECK(has(again.err, "--force"));
  auto forced = line;
  forced.push_back("--force");
  CHECK(must(forced).json() == told);
  CHECK(content(told["variants"][1]["audio"].get<std::string>()) == sounds[1]);
}

TEST_CASE("cli: inspect --augment says what is missing", "[cli]") {
  NEEDS_PROGRAM();
  const TempDir dir;
  const auto out = (dir / "heard").string();
  const auto off = call(with_little_data({"inspect", kTiny, "--augment", out}, {}));
  CHECK(off.code == 2);
  CHECK(off.one_sentence());
  CHECK(has(off.err, "no change to audio is switched on"));
  const auto clip = call(with_little_data({"inspect", kTiny, "--augment", out, "--clip", "nobody"},
                                          {"augment.level.p=1"}));
  CHECK(clip.code == 2);
  CHECK(has(clip.err, "no clip \"nobody\""));
  CHECK_FALSE(fs::exists(out));
  const auto without = call({"inspect", kTiny, "augment.level.p=1"});
  CHECK(without.code == 2);
}

TEST_CASE("cli: a training on changed audio is the same however many threads make its batches",
          "[cli]") {
  NEEDS_PROGRAM();
  const TempDir dir;
  const std::vector<std::string> changes = {"augment.speed.p=0.5",      "augment.pitch.p=0.5",
                                            "augment.silence.p=0.5",    "augment.muted.p=0.2",
                                            "augment.room.p=0.5",       "augment.background.p=0.5",
                                            "augment.microphone.p=0.5", "augment.level.p=0.5",
                                            "train.max_epochs=2",       "train.threads=1"};
  std::vector<std::string> weights;
  for (const char* threads : {"1", "3"}) {
    const auto run = dir / threads;
    auto line = with_little_data({"train", kTiny, "--out", run.string()}, changes);
    line.push_back(cat("train.loader_threads=", threads));
    must(line);
    weights.push_back(content(run / "last/model.safetensors"));
  }
  CHECK(weights[0] == weights[1]);
  const auto plain = dir / "plain";
  must(with_little_data({"train", kTiny, "--out", plain.string()},
                        {"train.max_epochs=2", "train.threads=1"}));
  CHECK(content(plain / "last/model.safetensors") != weights[0]);
}
