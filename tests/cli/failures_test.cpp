// What goes wrong: one clear sentence, the right exit code, and nothing half-written.
#include <sys/mount.h>

#include <limits>

#include "program.h"

using namespace kuchi;
using namespace kuchi::test;

namespace {

/// A command that must fail with this code, in one sentence, and change nothing in the folder.
void refused(const std::vector<std::string>& line, const fs::path& dir, int code,
             const std::string& says = "") {
  const auto before = listing(dir);
  auto quiet = line;
  quiet.push_back("-q");
  const auto ran = call(quiet, dir);
  INFO(join(line, " ") << "\n" << ran.err);
  CHECK(ran.code == code);
  CHECK(ran.out.empty());
  CHECK(ran.one_sentence());
  CHECK(has(ran.err, says));
  CHECK(listing(dir) == before);
}

std::vector<fs::path> malformed() {
  std::vector<fs::path> out;
  for (const auto& e : fs::directory_iterator(shared("malformed"))) out.push_back(e.path());
  return out;
}

/// A copy of the shared run that a test may break.
struct Broken {
  TempDir dir;
  fs::path run = dir / "run";
  Broken() {
    fs::copy(shared_run(), run, fs::copy_options::recursive | fs::copy_options::copy_symlinks);
  }
};

/// A little file system in memory; none where that is not allowed (only root may).
struct SmallDisk {
  TempDir dir;
  bool there = false;
  explicit SmallDisk(const char* options) {
    there = geteuid() == 0 && mount("tmpfs", dir.path.c_str(), "tmpfs", 0, options) == 0;
  }
  ~SmallDisk() {
    if (there) umount2(dir.path.c_str(), MNT_DETACH);
  }
};

/// Long enough to be stopped in the middle.
std::vector<std::string> long_training(const fs::path& out) {
  auto line = little_training(out);
  line.push_back("train.max_epochs=100000");
  line.push_back("train.patience=0");
  return line;
}

template <typename Ready>
bool wait_for(Started& started, Ready ready) {
  for (int i = 0; i < 1200 && started.running(); ++i) {
    if (ready()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  return false;
}

size_t checkpoints(const fs::path& run) {
  size_t out = 0;
  std::error_code ec;
  for (const auto& e : fs::directory_iterator(run / "checkpoints", ec)) {
    out += fs::exists(e.path() / "DONE", ec) ? 1 : 0;
  }
  return out;
}

}  // namespace

TEST_CASE("cli: broken sound files: inspect tells each", "[cli][slow]") {
  NEEDS_PROGRAM();
  NEEDS_SHARED();
  TempDir dir;
  write(dir / "empty.wav", "");
  for (const auto& file : malformed()) {
    // Words and phones whose boundaries differ by milliseconds: labels all the same, and shown.
    if (file.filename() == "mary_misaligned.TextGrid") continue;
    refused({"inspect", file.string()}, dir.path, 3);
  }
  refused({"inspect", "empty.wav"}, dir.path, 3, "empty.wav");
  refused({"inspect", "nowhere.wav"}, dir.path, 3, "nowhere.wav: no such file");
  refused({"inspect", "empty.wav", "--json", "-"}, dir.path, 3);
  refused({"inspect", "empty.wav", "--json", "x.json"}, dir.path, 3);
}

TEST_CASE("cli: broken sound files: predict tells each and writes nothing", "[cli][slow]") {
  NEEDS_PROGRAM();
  NEEDS_SHARED();
  TempDir dir;
  write(dir / "empty.wav", "");
  auto files = malformed();
  files.push_back(dir / "empty.wav");
  files.push_back(dir / "nowhere.wav");
  files.push_back(dir.path);
  for (const auto& file : files) {
    refused({"predict", shared_run().string(), file.string(), "--out", "p.csv"}, dir.path, 3);
  }
  audio::write_wav(dir / "short.wav", tone(100, 1));
  refused({"predict", shared_run().string(), "short.wav", "--out", "p.csv"}, dir.path, 3);
}

TEST_CASE("cli: one bad sound among several: the good ones before it are told or none is written",
          "[cli]") {
  NEEDS_PROGRAM();
  TempDir dir;
  audio::write_wav(dir / "good.wav", tone(16000, 1));
  write(dir / "bad.wav", "RIFF");
  const auto ran = call(
      {"predict", shared_run().string(), "good.wav", "bad.wav", "--out", "out", "-q"}, dir.path);
  CHECK(ran.code == 3);
  CHECK(ran.one_sentence());
  CHECK(has(ran.err, "bad.wav"));
  CHECK_FALSE(fs::exists(dir / "out/bad.csv"));
  for (const auto& [name, size] : listing(dir.path)) CHECK_FALSE(has(name, ".tmp"));
}

TEST_CASE("cli: bad clips in a set are skipped and told, or stop where data.strict says so",
          "[cli][slow]") {
  NEEDS_PROGRAM();
  SmallSet set;
  std::vector<std::string> bad = {"empty", "nan", "zero", "late"};
  const auto clip = [&](const std::string& id, double share = 1) { set.add(id, 48000, 9, share); };
  clip("empty");
  write(set.dir / "wav/empty.wav", "");
  clip("nan");
  auto values = waves(90, 3, 9);
  values.data[100] = std::numeric_limits<float>::quiet_NaN();
  io::write_npy(set.dir / "curves/nan.npy", values);
  clip("zero");
  io::write_npy(set.dir / "curves/zero.npy", Matrix(0, 3));
  clip("late", 0.9);
  if (fs::exists(shared("malformed"))) {
    for (const auto& file : malformed()) {
      if (file.extension() != ".wav") continue;
      const std::string id = "m" + std::to_string(bad.size());
      clip(id);
      fs::copy_file(file, set.dir / ("wav/" + id + ".wav"), fs::copy_options::overwrite_existing);
      bad.push_back(id);
    }
  }

  const auto ran =
      call({"prepare", "recipe.yaml", "--out", "s.h5", "--json", "-", "-q"}, set.dir.path);
  INFO(ran.err);
  REQUIRE(ran.code == 0);
  const auto json = ran.json();
  CHECK(json.at("clips").size() == 3);
  std::map<std::string, std::string> why;
  for (const auto& s : json.at("skipped")) why[s.at("id")] = s.at("why");
  for (const auto& id : bad) {
    INFO(id << ": " << why[id]);
    CHECK(why[id].size() > 10);
  }
  CHECK(why.size() == bad.size());
  CHECK(has(why["nan"], "nan.npy"));

  fs::remove(set.dir / "s.h5");
  refused({"prepare", "recipe.yaml", "--out", "s.h5", "data.strict=true"}, set.dir.path, 3);
  refused({"train", source("configs/debug/tiny.yaml").string(), "--out", "run",
           "data.recipe=recipe.yaml", "data.strict=true"},
          set.dir.path, 3);
}

TEST_CASE("cli: each bad clip alone leaves nothing to learn from: one sentence, exit 3",
          "[cli][slow]") {
  NEEDS_PROGRAM();
  SmallSet set({"only"});
  const auto run = [&](const std::string& says) {
    refused({"prepare", "recipe.yaml", "--out", "s.h5", "data.strict=true"}, set.dir.path, 3, says);
  };
  auto values = waves(90, 3, 9);
  set.add("only", 48000, 9);
  values.data[100] = std::numeric_limits<float>::quiet_NaN();
  io::write_npy(set.dir / "curves/only.npy", values);
  run("only.npy");
  io::write_npy(set.dir / "curves/only.npy", Matrix(0, 3));
  run("only.npy");
  io::write_npy(set.dir / "curves/only.npy", waves(81, 3, 9));
  run("only");
  io::write_npy(set.dir / "curves/only.npy", waves(90, 2, 9));
  run("only");
  fs::remove(set.dir / "curves/only.npy");
  run("");
}

TEST_CASE("cli: a name that is in no rig, a rig that is none, a recipe that is none", "[cli]") {
  NEEDS_PROGRAM();
  SmallSet set;
  write(set.dir / "names.txt", "sidee\nother\nopenn\n");
  refused({"prepare", "recipe.yaml", "--out", "s.h5"}, set.dir.path, 3, "\"open\"");
  set.recipe("speakers: [x]\n");
  refused({"prepare", "recipe.yaml", "--out", "s.h5"}, set.dir.path, 2, "recipe.yaml:");
  refused({"prepare", "nowhere.yaml", "--out", "s.h5"}, set.dir.path, 2, "nowhere.yaml");
  write(set.dir / "norig.yaml",
        "name: x\nlicence: CC0\nfps: 30\nrig: nowhere\nclips: {audio: \"wav/{id}.wav\", curves: "
        "\"curves/{id}.npy\", names: names.txt}\n");
  refused({"prepare", "norig.yaml", "--out", "s.h5"}, set.dir.path, 2, "nowhere");
}

TEST_CASE("cli: wrong paths: the code says whose mistake it is", "[cli]") {
  NEEDS_PROGRAM();
  TempDir dir;
  const auto tiny = source("configs/debug/tiny.yaml").string();
  write(dir / "junk.h5", "this is no store");
  write(dir / "file", "x");
  refused({"train", "nowhere.yaml", "--out", "run"}, dir.path, 2, "nowhere.yaml");
  refused({"train", tiny, "--out", "run", "data.store=nowhere.h5"}, dir.path, 3, "nowhere.h5");
  refused({"train", tiny, "--out", "run", "data.store=junk.h5"}, dir.path, 3, "junk.h5");
  refused({"train", tiny, "--out", "run", "data.recipe=nowhere.yaml"}, dir.path, 2, "nowhere.yaml");
  refused({"train", tiny, "--out", "run", "train.device=cuda:7"}, dir.path, 5, "cuda");
  refused({"eval", "nowhere"}, dir.path, 3, "nowhere");
  refused({"eval", "."}, dir.path, 3);
  refused({"resume", "nowhere"}, dir.path, 3, "nowhere");
  refused({"predict", "nowhere", "a.wav", "--out", "p.csv"}, dir.path, 3, "nowhere");
  refused({"inspect", "junk.h5"}, dir.path, 3, "junk.h5");
  refused({"convert", "nowhere.csv", "--out", "x.json"}, dir.path, 3, "nowhere.csv");
  refused({"score", "--pred", "nowhere.csv", "--target", "nowhere.csv", "--rig", "arkit"}, dir.path,
          3, "nowhere.csv");
  refused({"score", "--pred", "a.csv", "--target", "a.csv", "--rig", "arkti"}, dir.path, 2,
          "arkti");
  refused({"eval", shared_run().string(), "--checkpoint", "123456"}, dir.path, 3, "123456");
  refused({"eval", shared_run().string(), "--store", "junk.h5"}, dir.path, 3, "junk.h5");
}

TEST_CASE("cli: a place where nothing can be written: exit 5", "[cli]") {
  NEEDS_PROGRAM();
  SmallSet set;
  write(set.dir / "file", "x");
  const auto tiny = source("configs/debug/tiny.yaml").string();
  audio::write_wav(set.dir / "a.wav", tone(16000, 1));
  for (const std::string& place : {std::string("file"), std::string("/proc/none")}) {
    refused({"prepare", "recipe.yaml", "--out", place + "/s.h5"}, set.dir.path, 5, place);
    refused({"synth", place + "/set", "--clips", "1", "--seconds", "1"}, set.dir.path, 5, place);
    refused(
        {"train", tiny, "--out", place + "/run", "data.recipe=recipe.yaml", "data.split.by=none"},
        set.dir.path, 5, place);
    refused({"predict", shared_run().string(), "a.wav", "--out", place + "/p.csv"}, set.dir.path, 5,
            place);
    refused({"inspect", "a.wav", "--json", place + "/x.json"}, set.dir.path, 5, place);
  }
}

TEST_CASE("cli: a run with a piece missing or broken is told, exit 3", "[cli][slow]") {
  NEEDS_PROGRAM();
  TempDir here;
  audio::write_wav(here / "a.wav", tone(16000, 1));
  const auto evaluated = [&](const fs::path& run) {
    refused({"eval", run.string()}, here.path, 3, run.string());
  };
  for (const char* piece :
       {"config.resolved.yaml", "data.json", "checkpoints", "best/model.safetensors"}) {
    INFO(piece);
    Broken broken;
    fs::remove_all(broken.run / piece);
    evaluated(broken.run);
    refused({"predict", broken.run.string(), "a.wav", "--out", "p.csv"}, here.path, 3,
            broken.run.string());
  }
  for (const char* piece : {"data.json", "best/model.safetensors"}) {
    INFO(piece);
    Broken cut;
    fs::resize_file(cut.run / piece, fs::file_size(cut.run / piece) / 2);
    evaluated(cut.run);
    Broken emptied;
    fs::resize_file(emptied.run / piece, 0);
    evaluated(emptied.run);
    Broken junk;
    std::ofstream(junk.run / piece, std::ios::binary) << std::string(200, '\xff');
    evaluated(junk.run);
  }
  for (const char* piece :
       {"last/optimizer.safetensors", "last/model.safetensors", "last/state.json"}) {
    INFO(piece);
    Broken broken;
    fs::remove(broken.run / piece);
    refused({"resume", broken.run.string(), "train.max_epochs=3"}, here.path, 3,
            broken.run.string());
    std::ofstream(broken.run / piece, std::ios::binary) << "{}";
    refused({"resume", broken.run.string(), "train.max_epochs=3"}, here.path, 3,
            broken.run.string());
  }
}

TEST_CASE("cli: a checkpoint without DONE is not there", "[cli]") {
  NEEDS_PROGRAM();
  Broken broken;
  for (const auto& e : fs::directory_iterator(broken.run / "checkpoints")) {
    fs::remove(e.path() / "DONE");
  }
  TempDir here;
  refused({"eval", broken.run.string()}, here.path, 3, broken.run.string());
}

TEST_CASE("cli: Ctrl-C during training saves, ends with 130, and resume goes on", "[cli][slow]") {
  NEEDS_PROGRAM();
  for (const int signal : {SIGINT, SIGTERM}) {
    TempDir dir;
    const fs::path run = dir / "run";
    Started training(long_training(run), dir.path);
    REQUIRE(wait_for(training, [&] { return checkpoints(run) > 0; }));
    training.send(signal);
    const auto ended = training.end();
    INFO(ended.err);
    CHECK(ended.code == 130);
    CHECK(has(ended.err, "interrupted"));
    CHECK(checkpoints(run) > 0);
    for (const auto& [name, size] : listing(run)) CHECK_FALSE(has(name, ".tmp"));

    const auto epoch =
        call({"inspect", (run / "last").string(), "--json", "-"}).json().at("epoch").get<int>();
    const auto resumed = call({"resume", run.string(), cat("train.max_epochs=", epoch + 2), "-q"});
    INFO(resumed.err);
    CHECK(resumed.code == 0);
    CHECK(call({"inspect", (run / "last").string(), "--json", "-"}).json().at("epoch") ==
          epoch + 2);
  }
}

TEST_CASE("cli: Ctrl-C during prepare and synth leaves nothing half-written", "[cli][slow]") {
  NEEDS_PROGRAM();
  TempDir dir;
  Started making({"synth", "set", "--clips", "2000", "--seconds", "10"}, dir.path);
  std::this_thread::sleep_for(std::chrono::milliseconds(1500));
  making.send(SIGINT);
  const auto ended = making.end();
  INFO(ended.err);
  CHECK(ended.code == 130);
  CHECK_FALSE(fs::exists(dir / "set/recipe.yaml"));
  CHECK(listing(dir.path).empty());
}

TEST_CASE("cli: a training killed outright resumes from its last whole checkpoint", "[cli][slow]") {
  NEEDS_PROGRAM();
  TempDir dir;
  const fs::path run = dir / "run";
  Started training(long_training(run), dir.path);
  REQUIRE(wait_for(training, [&] { return checkpoints(run) > 1; }));
  training.send(SIGKILL);
  CHECK(training.end().code == 128 + SIGKILL);
  CHECK(call({"inspect", run.string()}).code == 0);
  const auto epoch =
      call({"inspect", (run / "last").string(), "--json", "-"}).json().at("epoch").get<int>();
  const auto resumed = call({"resume", run.string(), cat("train.max_epochs=", epoch + 1), "-q"});
  INFO(resumed.err);
  CHECK(resumed.code == 0);
}

TEST_CASE("cli: a full disk ends prepare with exit 5 and no store", "[cli][slow]") {
  NEEDS_PROGRAM();
  SmallDisk disk("size=128k");
  if (!disk.there) {
    WARN("skipped: only root may mount a small disk");
    return;
  }
  SmallSet set;
  const auto store = disk.dir / "s.h5";
  const auto ran = call({"prepare", "recipe.yaml", "--out", store.string(), "-q"}, set.dir.path);
  INFO(ran.err);
  CHECK(ran.code == 5);
  CHECK(ran.one_sentence());
  CHECK(has(ran.err, "s.h5"));
  CHECK(fs::is_empty(disk.dir.path));
}

TEST_CASE("cli: a full disk ends synth with exit 5 and no recipe", "[cli][slow]") {
  NEEDS_PROGRAM();
  SmallDisk disk("size=256k");
  if (!disk.there) {
    WARN("skipped: only root may mount a small disk");
    return;
  }
  const auto ran = call({"synth", (disk.dir / "set").string(), "--clips", "8", "-q"});
  INFO(ran.err);
  CHECK(ran.code == 5);
  CHECK(ran.one_sentence());
  CHECK_FALSE(fs::exists(disk.dir / "set/recipe.yaml"));
}

TEST_CASE("cli: a full disk ends training with exit 5; the last checkpoint is whole and resumes",
          "[cli][slow]") {
  NEEDS_PROGRAM();
  SmallDisk disk("size=2m");
  if (!disk.there) {
    WARN("skipped: only root may mount a small disk");
    return;
  }
  const fs::path run = disk.dir / "run", ballast = disk.dir / "ballast";
  Started training(long_training(run), disk.dir.path);
  REQUIRE(wait_for(training, [&] { return checkpoints(run) > 0; }));
  {
    std::ofstream fill(ballast, std::ios::binary);
    const std::string block(4096, 'x');
    while (fill.write(block.data(), static_cast<std::streamsize>(block.size())).flush()) {
    }
  }
  const auto ended = training.end();
  INFO(ended.err);
  CHECK(ended.code == 5);
  CHECK(has(ended.err, "No space left"));
  CHECK(has(ended.err, run.string()));

  fs::remove(ballast);
  const auto last = call({"inspect", (run / "last").string(), "--json", "-"});
  INFO(last.err);
  REQUIRE(last.code == 0);
  const int epoch = last.json().at("epoch").get<int>();
  const auto resumed = call({"resume", run.string(), cat("train.max_epochs=", epoch + 2), "-q"});
  INFO(resumed.err);
  CHECK(resumed.code == 0);
}
