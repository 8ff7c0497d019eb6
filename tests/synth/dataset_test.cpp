#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <sstream>

#include "audio/audio.h"
#include "catch.h"
#include "core/error.h"
#include "io/npy.h"
#include "synth/synth.h"
#include "synth/text_grid.h"

using namespace kuchi;  // NOLINT: a test reads better without the long names
namespace fs = std::filesystem;

namespace {

/// A fresh directory for one test.
struct Folder {
  Folder() : path(fs::temp_directory_path() / ("kuchi-synth-" + std::to_string(getpid()))) {
    fs::remove_all(path);
    fs::create_directories(path);
  }
  ~Folder() { fs::remove_all(path); }
  fs::path path;
};

synth::Options three_clips() {
  synth::Options options;
  options.clips = 3;
  options.seconds = 2;
  return options;
}

synth::WriteOptions quick(int threads = 1) {
  synth::WriteOptions write;
  write.threads = threads;
  write.probe_pairs = 1;
  return write;
}

std::string text_of(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

/// Every file under dir and what is in it.
std::string contents(const fs::path& dir) {
  std::vector<std::string> all;
  for (const auto& entry : fs::recursive_directory_iterator(dir)) {
    if (entry.is_regular_file()) {
      all.push_back(fs::relative(entry.path(), dir).string() + "\n" + text_of(entry.path()));
    }
  }
  std::sort(all.begin(), all.end());
  std::string out;
  for (const auto& one : all) out += one;
  return out;
}

}  // namespace

TEST_CASE("synth files: what is written is what was made", "[synth]") {
  const Folder folder;
  const fs::path dir = folder.path / "set";
  synth::write_dataset(three_clips(), dir, quick());

  const auto clip = synth::make_clip(three_clips(), 1);
  const std::string sub = clip.speaker + "_" + clip.language + "_" + clip.style;
  CHECK(audio::read(dir / "wav" / sub / "synth_0001.wav") == clip.audio);
  CHECK(io::read_npy_matrix(dir / "curves" / sub / "synth_0001.npy").data == clip.curves.data);
  CHECK(text_of(dir / "phones" / sub / "synth_0001.TextGrid") == synth::text_grid(clip.phones));
  CHECK(text_of(dir / "curve_names.txt").substr(0, 19) == "jawForward\njawLeft\n");
  CHECK(text_of(dir / "recipe.yaml").find("rig: arkit-mouth") != std::string::npos);
  CHECK(text_of(dir / "recipe.yaml").find("\nconsent: none is needed, no person was recorded;") !=
        std::string::npos);
  CHECK(fs::exists(dir / "probe" / "probe.json"));
  CHECK(fs::exists(dir / "probe" / "wav" / "d3_000_b.wav"));
}

TEST_CASE("synth files: threads change nothing", "[synth]") {
  const Folder folder;
  synth::write_dataset(three_clips(), folder.path / "one", quick(1));
  synth::write_dataset(three_clips(), folder.path / "three", quick(3));
  CHECK(contents(folder.path / "one") == contents(folder.path / "three"));
}

TEST_CASE("synth files: nothing is overwritten unasked, and force replaces only a data set",
          "[synth]") {
  const Folder folder;
  const fs::path dir = folder.path / "set";
  synth::write_dataset(three_clips(), dir, quick());
  CHECK_THROWS_AS(synth::write_dataset(three_clips(), dir, quick()), UserError);

  auto force = quick();
  force.force = true;
  auto fewer = three_clips();
  fewer.clips = 1;
  synth::write_dataset(fewer, dir, force);
  CHECK(contents(dir).find("synth_0002") == std::string::npos);

  fs::create_directories(folder.path / "diary");
  std::ofstream(folder.path / "diary" / "page.txt") << "dear";
  CHECK_THROWS_AS(synth::write_dataset(fewer, folder.path / "diary", force), UserError);
  CHECK(fs::exists(folder.path / "diary" / "page.txt"));
}

TEST_CASE("synth files: a run that fails leaves nothing behind", "[synth]") {
  const Folder folder;
  auto write = quick(2);
  write.progress = [](int64_t done, int64_t) {
    if (done == 2) throw UserError(Exit::interrupted, "stop");
  };
  CHECK_THROWS_AS(synth::write_dataset(three_clips(), folder.path / "set", write), UserError);
  CHECK(fs::is_empty(folder.path));
}

TEST_CASE("synth files: another rig gets its own curves within its ranges", "[synth]") {
  const Folder folder;
  auto options = three_clips();
  options.clips = 1;
  options.rig = "kuchi26";
  synth::write_dataset(options, folder.path / "set", quick());
  const auto clip = synth::make_clip(options, 0);
  const auto rig = curves::load_rig("kuchi26");
  const Matrix curves = synth::on_rig(clip.curves, rig);
  const std::string sub = clip.speaker + "_" + clip.language + "_" + clip.style;
  CHECK(io::read_npy_matrix(folder.path / "set/curves" / sub / "synth_0000.npy").data ==
        curves.data);
  CHECK(curves.cols == 26);
  float open = 0;
  for (int64_t j = 0; j < curves.rows; ++j) {
    open = std::max(open, curves(j, rig.index("jaw_open")));
    for (int64_t c = 0; c < curves.cols; ++c) {
      CHECK(curves(j, c) >= static_cast<float>(rig.curves[static_cast<size_t>(c)].low));
      CHECK(curves(j, c) <= static_cast<float>(rig.curves[static_cast<size_t>(c)].high));
    }
  }
  CHECK(open > 0.2f);
}

TEST_CASE("synth files: options and rigs that cannot be are refused before anything is made",
          "[synth]") {
  const Folder folder;
  auto options = three_clips();
  options.clips = 0;
  CHECK_THROWS_AS(synth::write_dataset(options, folder.path / "set", quick()), UserError);
  options = three_clips();
  options.rig = "facegood";  // has curves that ARKit's cannot give
  CHECK_THROWS_AS(synth::write_dataset(options, folder.path / "set", quick()), UserError);
  CHECK(fs::is_empty(folder.path));
}

TEST_CASE("TextGrid: long form, silence empty", "[synth]") {
  const std::vector<synth::Phone> phones = {{"sil", 0, 0.5}, {"a", 0.5, 0.75}};
  const std::string text = synth::text_grid(phones);
  CHECK(text.find("xmax = 0.75") != std::string::npos);
  CHECK(text.find("intervals: size = 2") != std::string::npos);
  CHECK(text.find("text = \"\"") != std::string::npos);
  CHECK(text.find("xmin = 0.5\n            xmax = 0.75\n            text = \"a\"") !=
        std::string::npos);
}
