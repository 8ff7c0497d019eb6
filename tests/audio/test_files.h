// Temporary folders, shared data and the text of errors, for tests of files.
#pragma once

#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "catch.h"
#include "core/error.h"

namespace kuchi::test_files {

namespace fs = std::filesystem;

/// An empty folder, removed with all it holds at the end of the test.
class Folder {
 public:
  Folder() {
    static std::atomic<int> counter{0};
    path_ = fs::temp_directory_path() /
            ("kuchi-test-" + std::to_string(getpid()) + "-" + std::to_string(counter++));
    fs::create_directories(path_);
  }
  ~Folder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  fs::path operator/(const std::string& name) const { return path_ / name; }
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

inline fs::path write(const fs::path& file, const std::string& text) {
  std::ofstream(file, std::ios::binary) << text;
  return file;
}

inline std::string slurp(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

inline fs::path golden(const std::string& name) {
  return fs::path(KUCHI_SOURCE_DIR) / "tests" / "golden" / name;
}

/// A file or folder of the shared data; empty, with a warning, where that is absent.
inline fs::path shared(const std::string& name) {
  const char* given = std::getenv("KUCHI_SHARED");
  const fs::path root = given ? fs::path(given) : fs::path(KUCHI_SOURCE_DIR) / ".." / "shared";
  const fs::path path = root / "data" / name;
  if (fs::exists(path)) return path;
  WARN("skipped: the shared data is absent (" << name << ")");
  return {};
}

/// Runs it; the error's text if it throws a UserError with this exit code, else what went wrong.
template <typename Action>
std::string error_of(Exit code, const Action& action) {
  try {
    action();
  } catch (const UserError& error) {
    if (error.code() == code) return error.what();
    return "WRONG EXIT CODE: " + std::string(error.what());
  }
  return "NO ERROR";
}

inline bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace kuchi::test_files
