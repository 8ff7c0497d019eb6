// What leaves the source tree: the installed package, used by a program of someone else, and the
// bundle.
#include <cmath>
#include <sstream>

#include "audio/audio.h"
#include "curves/track.h"
#include "installed.h"

using namespace kuchi;
using namespace kuchi::test;

namespace {

/// CMake breaks its messages into lines.
std::string one_line(const std::string& text) {
  std::istringstream words(text);
  std::string out;
  for (std::string word; words >> word;) out += (out.empty() ? "" : " ") + word;
  return out;
}

/// A second of a sweep with a pause in it.
fs::path sound(const fs::path& dir) {
  std::vector<float> samples(audio::kRate);
  for (size_t i = 0; i < samples.size(); ++i) {
    const double t = static_cast<double>(i) / audio::kRate;
    const double loud = t > 0.4 && t < 0.6 ? 0 : 0.5;
    samples[i] = static_cast<float>(loud * std::sin(6.283185307179586 * (200 + 400 * t) * t));
  }
  audio::write_wav(dir / "sound.wav", samples);
  return dir / "sound.wav";
}

/// Both files hold the same curves, to the last digit written.
void check_same_curves(const fs::path& a, const fs::path& b) {
  const auto one = curves::read_track(a), other = curves::read_track(b);
  CHECK(one.names == other.names);
  CHECK(one.times_s == other.times_s);
  CHECK(one.values.data == other.values.data);
  CHECK(one.values.rows > 20);
}

std::string found(const fs::path& kuchi, const std::string& what, const std::string& env = "") {
  const auto ran = shell(env + " " + quoted(kuchi) + " doctor --json -");
  INFO(ran.err);
  REQUIRE(ran.code == 0);
  return ran.json().at(what).at("found");
}

/// The LibTorch this build uses: "2.11.0 in DIR/lib" → DIR.
fs::path libtorch() {
  const auto text = found(program(), "LibTorch");
  return fs::path(text.substr(text.find(" in ") + 4)).parent_path();
}

uintmax_t bytes_below(const fs::path& dir) {
  uintmax_t sum = 0;
  for (const auto& [name, size] : listing(dir)) sum += size;
  return sum;
}

/// An empty environment but for what is given; Python, whose torch would be found, cannot start.
std::string bare(const fs::path& home, const std::string& more = "") {
  return "env -i PATH=/usr/bin:/bin PYTHONHOME=/nowhere HOME=" + quoted(home) + " " + more + " ";
}

}  // namespace

TEST_CASE("package: a program outside the tree builds on it and predicts what kuchi predicts",
          "[cli][slow]") {
  NEEDS_BUILD();
  TempDir dir;
  const fs::path& prefix = installed_prefix();
  for (const char* file :
       {"bin/kuchi", "share/kuchi/configs/base.yaml", "share/kuchi/datasets/facegood.yaml",
        "share/man/man1/kuchi.1", "share/bash-completion/completions/kuchi",
        "share/zsh/site-functions/_kuchi", "share/fish/vendor_completions.d/kuchi.fish",
        "share/doc/kuchi/LICENSE", "share/doc/kuchi/README.md", "include/kuchi/train/judge.h"}) {
    INFO(file);
    CHECK(fs::file_size(prefix / file) > 0);
  }
  CHECK(found(prefix / "bin/kuchi", "configs") == (prefix / "share/kuchi/configs").string());

  const auto build = build_example("predict", dir / "example");

  const auto run = shared_run(), wav = sound(dir.path);
  const auto mine = dir / "mine.csv", kuchis = dir / "kuchis.csv";
  const std::string predict = quoted(build / "predict") + " ";
  const auto ran = shell(predict + quoted(run) + " " + quoted(wav) + " " + quoted(mine));
  INFO(ran.err);
  REQUIRE(ran.code == 0);
  CHECK(ran.out == "30 frames of 27 curves\n");
  REQUIRE(call({"predict", run.string(), wav.string(), "--out", kuchis.string(), "--format", "csv",
                "--device", "cpu"})
              .code == 0);
  check_same_curves(mine, kuchis);

  // Kuchi's mistakes arrive with their code and place.
  const auto none = shell(predict + quoted(run) + " nothing.wav " + quoted(dir / "x.csv"));
  CHECK(none.code == 3);
  CHECK(none.one_sentence());
  CHECK(has(none.err, "nothing.wav"));
}

TEST_CASE("package: find_package says what it lacks", "[cli][slow]") {
  NEEDS_BUILD();
  TempDir dir;
  REQUIRE(shell("cmake --install " KUCHI_BINARY_DIR " --component development --prefix " +
                quoted(dir / "prefix"))
              .code == 0);
  const auto configure = [&](const std::string& languages, const std::string& arguments) {
    write(dir / "CMakeLists.txt", "cmake_minimum_required(VERSION 3.22)\nproject(x LANGUAGES " +
                                      languages + ")\nfind_package(kuchi REQUIRED)\n");
    return shell("cd " + quoted(dir.path) + " && rm -rf b && cmake -B b -DCMAKE_PREFIX_PATH=" +
                 quoted(dir / "prefix") + " " + arguments);
  };
  const auto only_cxx = configure("CXX", "");
  CHECK(only_cxx.code != 0);
  CHECK(has(one_line(only_cxx.err), "say project(NAME LANGUAGES C CXX)"));
  const auto no_torch = configure("C CXX", "-DKUCHI_LIBTORCH=/nowhere");
  CHECK(no_torch.code != 0);
  CHECK(has(one_line(no_torch.err), "LibTorch not found (looked in '/nowhere')"));
}

TEST_CASE("bundle: runs from anywhere in an empty environment, as the build does", "[cli][slow]") {
  NEEDS_BUILD();
  TempDir dir;
  const std::string script = quoted(source("scripts/bundle.sh")) + " --out ";
  const auto made = shell(script + quoted(dir / "made") + " --archive");
  INFO(made.err);
  REQUIRE(made.code == 0);
  CHECK(bytes_below(dir / "made") < 64 << 20);
  CHECK(shell(script + quoted(dir / "made")).code == 2);  // it is there already

  // Made again, the archive is the same, byte for byte.
  REQUIRE(shell(script + quoted(dir / "again") + " --archive").code == 0);
  CHECK(content(dir / "again.tar.gz") == content(dir / "made.tar.gz"));

  // The archive is the folder; unpacked elsewhere, it is all that is left.
  const fs::path place = dir / "another place";
  fs::create_directories(place);
  REQUIRE(shell("tar -C " + quoted(place) + " -xzf " + quoted(dir / "made.tar.gz")).code == 0);
  const fs::path bundle = fs::directory_iterator(place)->path();
  CHECK(listing(bundle) == listing(dir / "made"));
  fs::remove_all(dir / "made");

  const std::string env = bare(dir.path, "KUCHI_LIBTORCH=" + quoted(libtorch()));
  CHECK(found(bundle / "bin/kuchi", "configs", env) == (bundle / "share/kuchi/configs").string());
  CHECK(has(found(bundle / "bin/kuchi", "LibTorch", env), libtorch().string()));

  const auto run = shared_run(), wav = sound(dir.path);
  const auto theirs = dir / "theirs.csv", kuchis = dir / "kuchis.csv";
  const std::string arguments = " predict " + quoted(run) + " " + quoted(wav) + " --out ";
  const auto ran = shell(env + quoted(bundle / "bin/kuchi") + arguments + quoted(theirs));
  INFO(ran.err);
  REQUIRE(ran.code == 0);
  REQUIRE(call({"predict", run.string(), wav.string(), "--out", kuchis.string()}).code == 0);
  CHECK(content(theirs) == content(kuchis));

  const auto trained =
      shell("cd " + quoted(dir.path) + " && " + env + quoted(bundle / "bin/kuchi") +
            " train debug/tiny --out run data.synth.clips=4 data.synth.seconds=1 " +
            "train.max_epochs=1 train.threads=1");
  INFO(trained.err);
  CHECK(trained.code == 0);
}

TEST_CASE("bundle: its libraries are its own, each with a licence", "[cli][slow]") {
  NEEDS_BUILD();
  TempDir dir;
  const fs::path bundle = dir / "bundle";
  REQUIRE(shell(quoted(source("scripts/bundle.sh")) + " --out " + quoted(bundle)).code == 0);
  const auto torch = libtorch();
  const auto ldd = shell(
      bare(dir.path, "LD_LIBRARY_PATH=" + quoted(bundle / "lib") + ":" + quoted(torch / "lib")) +
      "ldd " + quoted(bundle / "libexec/kuchi"));
  REQUIRE(ldd.code == 0);
  CHECK_FALSE(has(ldd.out, "not found"));
  int own = 0;
  std::istringstream lines(ldd.out);
  for (std::string line; std::getline(lines, line);) {  // "\tname => path (address)"
    std::string name, arrow, path;
    std::istringstream(line) >> name >> arrow >> path;
    if (arrow != "=>" || !fs::exists(bundle / "lib" / name)) continue;
    INFO(name);
    CHECK(path == (bundle / "lib" / name).string());
    ++own;
  }
  CHECK(own > 10);
  for (const char* name : {"libsndfile", "libsamplerate", "libyaml-cpp", "libhdf5"}) {
    INFO(name);
    CHECK(has(ldd.out, bundle.string() + "/lib/" + name));
  }
  const auto paths = shell("readelf -d " + quoted(bundle / "libexec/kuchi"));
  CHECK_FALSE(has(paths.out, "RPATH"));
  CHECK_FALSE(has(paths.out, "RUNPATH"));

  const auto versions = content(bundle / "licenses/VERSIONS");
  for (const char* package : {"libsndfile1", "libyaml-cpp", "libsamplerate0", "libhdf5"}) {
    INFO(package);
    CHECK(has(versions, std::string("\n") + package));
  }
  std::istringstream all(versions.substr(versions.find('\n') + 1));
  for (std::string package, rest; all >> package && std::getline(all, rest);) {
    INFO(package);
    CHECK(fs::file_size(bundle / "licenses" / package) > 100);
  }
}

TEST_CASE("bundle: without LibTorch it says what to do, exit 5", "[cli][slow]") {
  NEEDS_BUILD();
  TempDir dir;
  const fs::path bundle = dir / "bundle";
  REQUIRE(shell(quoted(source("scripts/bundle.sh")) + " --out " + quoted(bundle)).code == 0);
  const auto none = shell(bare(dir.path) + quoted(bundle / "bin/kuchi") + " doctor");
  CHECK(none.code == 5);
  CHECK(none.out.empty());
  CHECK(std::count(none.err.begin(), none.err.end(), '\n') == 1);
  CHECK(has(none.err, (bundle / "scripts/setup.sh").string()));
  CHECK(has(none.err, "KUCHI_LIBTORCH"));

  const auto wrong =
      shell(bare(dir.path, "KUCHI_LIBTORCH=/nowhere") + quoted(bundle / "bin/kuchi") + " doctor");
  CHECK(wrong.code == 5);
  CHECK(has(wrong.err, "/nowhere"));
  CHECK(shell(quoted(bundle / "scripts/setup.sh") + " --help").code == 0);
}
