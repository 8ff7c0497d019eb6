// NPY curves: [frames, curves] with a file of names and the frame rate given.
#include <cmath>
#include <set>

#include "core/error.h"
#include "core/text.h"
#include "curves/formats.h"
#include "io/atomic_file.h"
#include "io/npy.h"

namespace kuchi::curves {
namespace fs = std::filesystem;
namespace {

constexpr size_t kLongestNamesFile = 16 << 20;

/// An array of texts, as numpy.save writes a list of names.
std::vector<std::string> names_in_array(const std::string& bytes, const fs::path& file) {
  const auto header = io::npy_header_of(bytes, file, /*text_too=*/true);
  if ((header.kind != 'U' && header.kind != 'S') || header.shape.size() != 1) {
    fail_data(file, "is an array, but no list of texts; names are one a line, or a list of texts");
  }
  std::vector<std::string> names;
  std::set<std::string> seen;
  for (const auto& text : io::npy_texts_of(bytes, header)) {
    names.push_back(trim(text));
    if (!seen.insert(names.back()).second) {
      fail_data(file, cat("name \"", names.back(), "\" is there twice; keep one"));
    }
  }
  return names;
}

}  // namespace

fs::path names_beside(const fs::path& file) {
  fs::path names = file;
  names += ".names.txt";
  return names;
}

std::vector<std::string> read_names(const fs::path& file) {
  const std::string text = io::read_text(file, kLongestNamesFile);
  if (is_npy(text)) return names_in_array(text, file);
  std::vector<std::string> names;
  std::set<std::string> seen;
  int line = 0;
  for (const auto& part : split(text, '\n')) {
    ++line;
    const std::string name =
        trim(line == 1 && part.starts_with("\xEF\xBB\xBF") ? part.substr(3) : part);
    if (name.empty()) continue;
    if (!seen.insert(name).second) {
      fail_data({file.string(), line, 1}, cat("name \"", name, "\" is there twice; keep one"));
    }
    names.push_back(name);
  }
  return names;
}

bool is_npy(std::string_view head) { return head.starts_with("\x93NUMPY"); }

Track read_npy_track(const fs::path& file, const ReadOptions& options) {
  Track track;
  track.values = io::read_npy_matrix(file);
  std::error_code ec;
  const fs::path names = options.names_file.empty() ? names_beside(file) : options.names_file;
  if (options.names_file.empty() && !fs::exists(names, ec)) {
    fail_data(file,
              "NPY holds no curve names; give a text file with one name a line "
              "(--names, or `names` in a recipe)");
  }
  if (!(options.fps > 0) || !std::isfinite(options.fps)) {
    fail_data(file, cat("NPY holds no times; ", kGiveRate));
  }
  track.names = read_names(names);
  if (static_cast<int64_t>(track.names.size()) != track.values.cols) {
    fail_data(names, cat("has ", track.names.size(), " names for the ", track.values.cols,
                         " columns of ", file.string(), "; give the file that belongs to it"));
  }
  for (int64_t t = 0; t < track.values.rows; ++t) {
    track.times_s.push_back(static_cast<double>(t) / options.fps);
  }
  return track;
}

void write_npy_track(const fs::path& file, const Rig& rig, const Matrix& values,
                     const WriteOptions& options) {
  const fs::path names = names_beside(file);
  io::refuse_overwrite(names, options.force);
  io::write_atomically(names, join(rig.names(), "\n") + "\n");
  io::write_npy(file, values);
}

}  // namespace kuchi::curves
