// What scripts read: JSON keys, files, formats, and that stdout holds results alone.
#include "program.h"

using namespace kuchi;
using namespace kuchi::test;

namespace {

void check_keys(const Json& object, const std::vector<std::string>& wanted) {
  for (const auto& key : wanted) {
    INFO(key << " in " << object.dump().substr(0, 300));
    CHECK(object.contains(key));
  }
}

Json inspect(const fs::path& path, const std::vector<std::string>& more = {}) {
  std::vector<std::string> line = {"inspect", path.string(), "--json", "-"};
  line.insert(line.end(), more.begin(), more.end());
  const auto ran = call(line);
  INFO(path << ": " << ran.err);
  REQUIRE(ran.code == 0);
  CHECK(ran.err.empty());
  return ran.json();
}

fs::path a_second_of_sound(const TempDir& dir, const std::string& name = "sound.wav") {
  audio::write_wav(dir / name, tone(16000, 1));
  return dir / name;
}

}  // namespace

TEST_CASE("cli: doctor tells what there is, to people and to programs", "[cli]") {
  NEEDS_PROGRAM();
  const auto table = call({"doctor"});
  CHECK((table.code == 0 || table.code == 5));
  for (const char* what : {"LibTorch", "CUDA", "HDF5", "threads", "disk"}) {
    CHECK(table.out.find(what) != std::string::npos);
  }
  CHECK(call({"doctor", "--json", "-"}).json().is_object());
}

TEST_CASE("cli: synth, prepare: keys, one object on stdout, silence with -q, nothing overwritten",
          "[cli]") {
  NEEDS_PROGRAM();
  TempDir dir;
  const auto made = call({"synth", "set", "--clips", "4", "--seconds", "2", "-q"}, dir.path);
  REQUIRE(made.code == 0);
  CHECK(made.err.empty());
  CHECK(fs::exists(dir / "set/recipe.yaml"));
  const auto again = call({"synth", "set", "--clips", "4", "--seconds", "2"}, dir.path);
  CHECK(again.code == 2);
  CHECK(again.err.find("--force") != std::string::npos);

  const auto ran =
      call({"prepare", "set/recipe.yaml", "--out", "s.h5", "--json", "-", "-q"}, dir.path);
  REQUIRE(ran.code == 0);
  CHECK(ran.err.empty());
  const auto json = ran.json();
  check_keys(json, {"clips", "skipped", "rig", "curves", "features"});
  REQUIRE(json.at("clips").size() == 4);
  check_keys(json.at("clips").at(0), {"id", "frames", "fps", "split"});
  CHECK(json.at("skipped").empty());

  const auto store = content(dir / "s.h5");
  const auto hash = inspect(dir / "s.h5").at("hash");
  const auto twice = call({"prepare", "set/recipe.yaml", "--out", "s.h5"}, dir.path);
  CHECK(twice.code == 2);
  CHECK(twice.one_sentence());
  CHECK(content(dir / "s.h5") == store);
  CHECK(call({"prepare", "set/recipe.yaml", "--out", "s.h5", "--force", "-q"}, dir.path).code == 0);

  const auto info = inspect(dir / "s.h5", {"--verify"});
  CHECK(info.at("hash") == hash);  // the same set, the same content
  CHECK(info.at("kind") == "store");
  CHECK(info.at("clips").size() == 4);
  CHECK(inspect(dir / "set/recipe.yaml").at("kind") == "recipe");
}

TEST_CASE("cli: a run folder explains itself", "[cli]") {
  NEEDS_PROGRAM();
  const auto& run = shared_run();
  for (const char* name : {"config.resolved.yaml", "command.txt", "build.json", "data.json",
                           "events.jsonl", "best", "last", "metrics.json"}) {
    INFO(name);
    CHECK(fs::exists(run / name));
  }
  for (const auto& step : fs::directory_iterator(run / "checkpoints")) {
    for (const char* name : {"model.safetensors", "optimizer.safetensors", "state.json", "DONE"}) {
      INFO(step.path() / name);
      CHECK(fs::exists(step.path() / name));
    }
  }
  CHECK(call({"config", (run / "config.resolved.yaml").string()}).out ==
        content(run / "config.resolved.yaml"));
  CHECK(content(run / "command.txt").find("tiny.yaml") != std::string::npos);
  const auto info = inspect(run);
  CHECK(info.at("kind") == "run");
  CHECK(info.at("head") == "bilstm");
  for (const char* name : {"best", "last"}) {
    CHECK(inspect(run / name).at("kind") == "checkpoint");
  }
}

TEST_CASE("cli: a run is not overwritten, and may stand anywhere", "[cli]") {
  NEEDS_PROGRAM();
  const auto& run = shared_run();
  const auto before = listing(run);
  auto line = little_training(run);
  const auto ran = call(line);
  CHECK(ran.code == 2);
  CHECK(ran.err.find("--force") != std::string::npos);
  CHECK(listing(run) == before);

  TempDir dir;
  fs::copy(run, dir / "moved", fs::copy_options::recursive | fs::copy_options::copy_symlinks);
  CHECK(call({"eval", "moved", "-q"}, dir.path).code == 0);
}

TEST_CASE("cli: relative paths mean what they say, from any working directory", "[cli]") {
  NEEDS_PROGRAM();
  SmallSet set({"a", "b", "c", "d"});
  fs::create_directories(set.dir / "work");
  write(set.dir / "conf/my.yaml",
        "data: {recipe: ../recipe.yaml, split: {by: clip, valid: 0.25, test: 0.25}}\n"
        "model: {head: mean}\n");
  const auto ran = call({"train", "../conf/my.yaml", "--out", "run", "-q"}, set.dir / "work");
  INFO(ran.err);
  REQUIRE(ran.code == 0);
  CHECK(fs::exists(set.dir / "work/run/metrics.json"));
  CHECK(call({"eval", "work/run", "-q"}, set.dir.path).code == 0);

  // From the command line a path is seen from the working directory.
  const auto other = call(
      {"train", "conf/my.yaml", "--out", "run", "data.recipe=recipe.yaml", "-q"}, set.dir.path);
  INFO(other.err);
  CHECK(other.code == 0);
}

TEST_CASE("cli: the metrics file has the contract's keys", "[cli]") {
  NEEDS_PROGRAM();
  TempDir dir;
  const auto file = (dir / "m.json").string();
  const auto ran = call({"eval", shared_run().string(), "--split", "all", "--json", file, "-q"});
  REQUIRE(ran.code == 0);
  CHECK(ran.err.empty());
  CHECK(ran.out.find("jawOpen") != std::string::npos);  // the table by curve
  const auto json = Json::parse(content(file));
  check_keys(json, {"model", "store", "split", "clips", "frames", "curves", "fps", "metrics",
                    "per_curve", "per_clip"});
  CHECK(json.at("split") == "all");
  CHECK(json.at("clips") == 6);
  CHECK(json.at("curves") == 27);
  CHECK(json.at("per_clip").size() == 6);
  for (const char* metric : {"mse", "nmse", "mae", "r2", "pcc", "vel_mse", "std_ratio"}) {
    INFO(metric);
    REQUIRE(json.at("metrics").contains(metric));
    check_keys(json.at("metrics").at(metric), {"value", "low", "high"});
  }
  const auto& mse = json.at("metrics").at("mse");
  CHECK(mse.at("low") <= mse.at("value"));
  CHECK(mse.at("value") <= mse.at("high"));
  check_keys(json.at("per_curve").at("jawOpen").at("mse"), {"value", "low", "high"});
  check_keys(json.at("per_clip").begin().value().at("mse"), {"value"});

  const auto stdout_alone = call({"eval", shared_run().string(), "--json", "-"});
  CHECK(stdout_alone.json().at("split") == "test");
  const auto twice = call({"eval", shared_run().string(), "--json", file});
  CHECK(twice.code == 2);
  CHECK(twice.one_sentence());
  CHECK(Json::parse(content(file)) == json);
}

TEST_CASE("cli: predicted curves are read back, in every format", "[cli]") {
  NEEDS_PROGRAM();
  TempDir dir;
  const auto sound = a_second_of_sound(dir);
  for (const auto& [format, name] : std::map<std::string, std::string>{
           {"livelink", "p.csv"}, {"a2f", "p.json"}, {"npy", "p.npy"}}) {
    INFO(format);
    const auto ran = call(
        {"predict", shared_run().string(), sound.string(), "--out", name, "--format", format, "-q"},
        dir.path);
    REQUIRE(ran.code == 0);
    CHECK(ran.err.empty());
    CHECK(ran.out == name + "\n");
    const auto info = inspect(dir / name);
    CHECK(info.at("kind") == "curves");
    CHECK(info.at("format") == format);
    CHECK(info.at("rows") == 30);
    CHECK(info.at("fps").get<double>() == Approx(30).epsilon(1e-3));
    const auto names = info.at("names").get<std::vector<std::string>>();
    CHECK(std::any_of(names.begin(), names.end(),
                      [](const auto& n) { return plain_name(n) == "jawopen"; }));

    const auto before = listing(dir.path);
    const auto twice =
        call({"predict", shared_run().string(), sound.string(), "--out", name, "--format", format},
             dir.path);
    CHECK(twice.code == 2);
    CHECK(twice.one_sentence());
    CHECK(listing(dir.path) == before);
  }
  const auto fast = call(
      {"predict", shared_run().string(), sound.string(), "--out", "fast.csv", "--fps", "60", "-q"},
      dir.path);
  REQUIRE(fast.code == 0);
  CHECK(inspect(dir / "fast.csv").at("rows") == 60);

  const auto converted =
      call({"convert", "p.csv", "--out", "c.json", "--to", "a2f", "-q"}, dir.path);
  INFO(converted.err);
  REQUIRE(converted.code == 0);
  CHECK(inspect(dir / "c.json").at("rows") == 30);
  CHECK(call({"convert", "p.csv", "--out", "c.json", "--to", "a2f"}, dir.path).code == 2);
}

TEST_CASE("cli: several audio files go into a directory; two of one name are refused", "[cli]") {
  NEEDS_PROGRAM();
  TempDir dir;
  a_second_of_sound(dir, "a.wav");
  a_second_of_sound(dir, "b.wav");
  fs::create_directories(dir / "x");
  a_second_of_sound(dir, "x/a.wav");
  const auto run = shared_run().string();
  CHECK(call({"predict", run, "a.wav", "b.wav", "--out", "many", "-q"}, dir.path).code == 0);
  CHECK(fs::exists(dir / "many/a.csv"));
  CHECK(fs::exists(dir / "many/b.csv"));
  const auto before = listing(dir.path);
  const auto same = call({"predict", run, "a.wav", "x/a.wav", "--out", "other"}, dir.path);
  CHECK(same.code == 2);
  CHECK(same.one_sentence());
  CHECK(listing(dir.path) == before);
}

TEST_CASE("cli: score judges curve files as eval does", "[cli]") {
  NEEDS_PROGRAM();
  TempDir dir;
  const auto sound = a_second_of_sound(dir);
  REQUIRE(call({"predict", shared_run().string(), sound.string(), "--out", "p.csv", "-q"}, dir.path)
              .code == 0);
  const auto ran = call({"score", "--pred", "p.csv", "--target", "p.csv", "--rig", "arkit-mouth",
                         "--json", "-", "-q"},
                        dir.path);
  INFO(ran.err);
  REQUIRE(ran.code == 0);
  const auto json = ran.json();
  check_keys(json, {"clips", "frames", "metrics", "per_curve", "per_clip"});
  CHECK(json.at("metrics").at("mse").at("value").get<double>() == 0);
}

TEST_CASE("cli: score pairs folders of every curve format that predict writes", "[cli]") {
  NEEDS_PROGRAM();
  TempDir dir;
  const auto sound = a_second_of_sound(dir);
  for (const char* folder : {"ours", "theirs"}) {
    fs::create_directories(dir / folder);
    must({"predict", shared_run().string(), sound.string(), "--format", "npz", "--out",
          (dir / folder / "a.npz").string(), "-q"});
  }
  const auto json = call({"score", "--pred", (dir / "ours").string(), "--target",
                          (dir / "theirs").string(), "--rig", "arkit-mouth", "--json", "-", "-q"})
                        .json();
  CHECK(json.at("clips") == 1);
  CHECK(json.at("metrics").at("mse").at("value").get<double>() == 0);
}

TEST_CASE("cli: inspect says what a file is, with the contract's keys", "[cli]") {
  NEEDS_PROGRAM();
  TempDir dir;
  const auto sound = inspect(a_second_of_sound(dir));
  check_keys(sound, {"kind", "rate", "channels", "seconds"});
  CHECK(sound.at("kind") == "audio");
  CHECK(sound.at("rate") == 16000);
  CHECK(sound.at("channels") == 1);
  CHECK(sound.at("seconds") == 1.0);

  NEEDS_SHARED();
  for (const auto& e : fs::directory_iterator(shared("speech/containers"))) {
    if (e.path().extension() == ".md" || e.path().extension() == ".txt") continue;
    CHECK(inspect(e.path()).at("kind") == "audio");
  }
  for (const auto& e : fs::directory_iterator(shared("formats"))) {
    if (e.path().extension() != ".csv") continue;
    const auto curves = inspect(e.path());
    check_keys(curves, {"kind", "format", "rows", "seconds", "fps", "names"});
    CHECK(curves.at("kind") == "curves");
  }
}

TEST_CASE("cli: h5py opens a store, safetensors a checkpoint", "[cli][slow]") {
  NEEDS_PROGRAM();
  SmallSet set;
  REQUIRE(call({"prepare", "recipe.yaml", "--out", "s.h5", "-q"}, set.dir.path).code == 0);
  const auto best = shared_run() / "best";
  const auto ran =
      python({source("tests/cli/open_files.py").string(), (set.dir / "s.h5").string(),
              (best / "model.safetensors").string(), (best / "optimizer.safetensors").string()});
  if (ran.code == -1) {
    WARN("skipped: no build/venv-tests; scripts/setup.sh --test-tools");
    return;
  }
  INFO(ran.out << ran.err);
  CHECK(ran.code == 0);
}
