// Small data sets in a directory of their own, for the tests of this room.
#pragma once

#include <unistd.h>

#include <atomic>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "../caught.h"
#include "audio/audio.h"
#include "core/matrix.h"
#include "core/random.h"
#include "core/text.h"
#include "io/atomic_file.h"
#include "io/npy.h"

namespace kuchi::test {

namespace fs = std::filesystem;

/// Removed with all its contents at the end.
struct TempDir {
  fs::path path;
  TempDir() {
    static std::atomic<int> counter{0};
    path = fs::temp_directory_path() / cat("kuchi-data-", getpid(), "-", counter.fetch_add(1));
    fs::create_directories(path);
  }
  ~TempDir() {
    std::error_code ec;
    fs::remove_all(path, ec);
  }
  fs::path operator/(const std::string& name) const { return path / name; }
};

inline void write(const fs::path& file, const std::string& text) {
  fs::create_directories(file.parent_path());
  std::ofstream(file, std::ios::binary) << text;
}

inline std::vector<float> tone(int64_t samples, uint64_t seed) {
  std::vector<float> out;
  Stream draw(seed, "test.tone");
  for (int64_t i = 0; i < samples; ++i) {
    out.push_back(static_cast<float>(std::round(draw.uniform(-8000, 8000))) / 32768.0F);
  }
  return out;
}

inline Matrix waves(int64_t rows, int64_t cols, uint64_t seed) {
  Matrix m(rows, cols);
  Stream draw(seed, "test.waves");
  for (auto& v : m.data) v = static_cast<float>(draw.uniform());
  return m;
}

/// A set of audio and curves at 30 fps with a rig of two curves:
/// wav/ID.wav, curves/ID.npy, names.txt, two.yaml, recipe.yaml.
struct SmallSet {
  TempDir dir;
  explicit SmallSet(const std::vector<std::string>& ids = {"a", "b", "c"}) {
    write(dir / "two.yaml",
          "name: two\n"
          "curves:\n"
          "  - {name: open, range: [0, 1]}\n"
          "  - {name: side, range: [-1, 1]}\n"
          "aperture: \"open\"\n");
    write(dir / "names.txt", "side\nother\nopen\n");  // another order, and one curve too many
    uint64_t seed = 1;
    for (const auto& id : ids) {
      add(id, 48000 + static_cast<int64_t>(seed) * 1600, seed);
      ++seed;
    }
    recipe();
  }
  void add(const std::string& id, int64_t samples, uint64_t seed, double curve_share = 1) {
    const auto rows = static_cast<int64_t>(static_cast<double>(samples * 30 / 16000) * curve_share);
    fs::create_directories((dir / ("wav/" + id)).parent_path());
    fs::create_directories((dir / ("curves/" + id)).parent_path());
    audio::write_wav(dir / ("wav/" + id + ".wav"), tone(samples, seed));
    io::write_npy(dir / ("curves/" + id + ".npy"), waves(rows, 3, seed));
  }
  void recipe(const std::string& changes = "") {
    write(dir / "recipe.yaml",
          "name: small\nlicence: CC0\nfps: 30\nrig: two.yaml\n"
          "clips: {audio: \"wav/{id}.wav\", curves: \"curves/{id}.npy\", names: names.txt}\n" +
              changes);
  }
  fs::path file() const { return dir / "recipe.yaml"; }
  fs::path store() const { return dir / "out.h5"; }
};

}  // namespace kuchi::test
