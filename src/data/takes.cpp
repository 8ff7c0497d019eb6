#include "data/takes.h"

#include <algorithm>
#include <set>

#include "core/error.h"
#include "core/interrupt.h"
#include "core/text.h"
#include "curves/endings.h"
#include "curves/track.h"
#include "data/utf8.h"

namespace kuchi::data {
namespace fs = std::filesystem;
namespace {

constexpr int kDeepest = 12;
constexpr int64_t kMostFiles = 500000;

const std::set<std::string> kSound = {".wav", ".wave", ".flac", ".ogg",  ".oga", ".opus",
                                      ".mp3", ".aif",  ".aiff", ".aifc", ".w64", ".rf64",
                                      ".caf", ".au",   ".m4a",  ".mov",  ".mp4", ".aac"};

bool hidden(const fs::path& file) { return file.filename().string().starts_with('.'); }

}  // namespace

Takes find_takes(const fs::path& dir) {
  std::error_code ec;
  if (!fs::is_directory(dir, ec)) {
    fail_data(dir, fs::exists(dir, ec)
                       ? "is no directory; give the folder that the takes are in"
                       : "no such directory; give the folder that the takes are in");
  }
  Takes takes;
  fs::recursive_directory_iterator entries(dir, ec);
  int64_t seen = 0;
  for (; !ec && entries != fs::recursive_directory_iterator(); entries.increment(ec)) {
    const fs::path& file = entries->path();
    std::error_code ignored;
    if (entries->is_directory(ignored)) {
      if (hidden(file) || entries.depth() >= kDeepest) entries.disable_recursion_pending();
      continue;
    }
    if (hidden(file) || !entries->is_regular_file(ignored)) continue;
    if (++seen > kMostFiles) {
      fail_data(dir, cat("holds more than ", kMostFiles, " files; give a folder inside it"));
    }
    if (seen % 256 == 0) check_interrupt();
    const std::string path = file.lexically_relative(dir).generic_string();
    const std::string ending = lower(file.extension().string());
    const bool sound = kSound.count(ending) > 0, curves = curves::is_curve_ending(file);
    if (sound || curves) {
      if (!is_utf8(path) || path.find_first_of("{}\n\r") != std::string::npos) {
        takes.unusable.push_back(printable(path));
        continue;
      }
    }
    if (sound) takes.audio.push_back({path, ""});
    if (curves) {
      const std::string format = curves::format_of(file);
      if (!format.empty()) takes.curves.push_back({path, format});
    }
    if (ending == ".textgrid" || ending == ".srt") takes.grids.push_back(path);
    if (ending == ".txt" || ending == ".names") takes.texts.push_back(path);
  }
  if (ec) fail_data(dir, "cannot be read to its end (" + ec.message() + ")");
  const auto by_path = [](const TakeFile& a, const TakeFile& b) { return a.path < b.path; };
  std::sort(takes.audio.begin(), takes.audio.end(), by_path);
  std::sort(takes.curves.begin(), takes.curves.end(), by_path);
  std::sort(takes.grids.begin(), takes.grids.end());
  std::sort(takes.texts.begin(), takes.texts.end());
  return takes;
}

}  // namespace kuchi::data
