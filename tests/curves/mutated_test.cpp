// Files with bytes changed, cut or doubled: read, or refused in one sentence; never a crash, never
// memory beyond what the file could hold.
#include <sys/resource.h>

#include <algorithm>
#include <random>

#include "audio/test_files.h"
#include "core/text.h"
#include "curves/track.h"

namespace {
using namespace kuchi;
using namespace kuchi::test_files;
using namespace kuchi::curves;

/// A file of a format, small enough that most of its bytes mean something.
std::string small_file(const Folder& folder, const std::string& format) {
  const Rig rig = parse_rig("name: r\ncurves: [jawOpen, mouthPucker]\n", "r");
  Matrix values(6, 2);
  for (size_t i = 0; i < values.data.size(); ++i) values.data[i] = static_cast<float>(i % 5) / 8;
  const auto file = folder / (format == "glb" ? "a.glb" : "a." + format);
  write_track(file, format == "glb" ? "gltf" : format, rig, values, {60, "x", true});
  return slurp(file);
}

std::string changed(std::string bytes, std::mt19937& random) {
  static const std::string kTelling = "0123456789-+eE.\"{}[],:\t\n\\\xff";
  const size_t times = 1 + random() % 3;
  for (size_t i = 0; i < times && !bytes.empty(); ++i) {
    const size_t at = random() % bytes.size();
    const size_t length = std::min<size_t>(1 + random() % 30, bytes.size() - at);
    switch (random() % 5) {
      case 0:
        bytes[at] = static_cast<char>(random());
        break;
      case 1:
        bytes[at] = kTelling[random() % kTelling.size()];
        break;
      case 2:
        bytes.erase(at, length);
        break;
      case 3:
        bytes.insert(at, bytes.substr(at, length));
        break;
      default:
        bytes.resize(at);
    }
  }
  return bytes;
}

long peak_kb() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss;
}
}  // namespace

TEST_CASE("curves: no damaged file crashes a reader or makes it take much memory", "[curves]") {
  Folder folder;
  std::mt19937 random(2);
  auto formats = writable_formats();
  std::erase(formats, "npy");  // its names are in another file; npy_test.cpp
  formats.emplace_back("glb");
  const long before = peak_kb();
  for (const auto& format : formats) {
    const std::string whole = small_file(folder, format);
    for (int round = 0; round < 150; ++round) {
      const auto file = write(folder / "b", changed(whole, random));
      for (const std::string& as : {std::string("auto"), format == "glb" ? "gltf" : format}) {
        INFO(format << " " << round << " as " << as);
        try {
          const Track track = read_track(file, {as, {}, 30});
          CHECK(static_cast<int64_t>(track.times_s.size()) == track.values.rows);
          CHECK(track.values.data.size() ==
                track.names.size() * static_cast<size_t>(track.values.rows));
        } catch (const UserError& error) {
          const std::string text = error.what();
          CHECK(error.code() == Exit::data);
          CHECK(std::count(text.begin(), text.end(), '\n') == 0);
        }
      }
    }
  }
  // Rhubarb's longest, four hours, are 52 MB.
  CHECK(peak_kb() - before < 200 * 1024);
}
