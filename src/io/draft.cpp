#include "io/draft.h"

#include <unistd.h>

#include <atomic>

#include "core/error.h"
#include "core/text.h"
#include "io/atomic_file.h"

namespace kuchi::io {
namespace {

namespace fs = std::filesystem;

fs::path beside(const fs::path& dir, std::string_view kind) {
  static std::atomic<int> counter{0};
  return dir.parent_path() /
         cat(".", dir.filename().string(), ".", kind, "-", getpid(), "-", counter.fetch_add(1));
}

void check_target(const fs::path& dir, const Draft::Kind& kind, bool force) {
  std::error_code error;
  if (!fs::exists(dir, error)) return;
  if (fs::is_directory(dir, error) && fs::is_empty(dir, error)) return;
  if (!force) refuse_existing(dir);
  if (!fs::exists(dir / kind.file, error)) {
    fail_config(
        {dir.string()},
        cat("is there already and is no ", kind.what, " (it has no ", kind.file,
            "), so --force does not replace it; choose another place or remove it yourself"));
  }
}

}  // namespace

Draft::Draft(const fs::path& dir, const Kind& kind, bool force) {
  std::error_code error;
  dir_ = fs::absolute(dir, error).lexically_normal();
  if (!dir_.has_filename()) dir_ = dir_.parent_path();  // a trailing slash
  check_target(dir_, kind, force);
  path_ = beside(dir_, "tmp");
  make_directories(path_);
}

Draft::~Draft() {
  std::error_code ignored;
  if (!path_.empty()) fs::remove_all(path_, ignored);
}

void Draft::publish() {
  std::error_code error;
  sync_path(path_);
  fs::path old;
  if (fs::exists(dir_, error)) {
    old = beside(dir_, "old");
    fs::rename(dir_, old, error);
    if (error) fail_environment(cat(dir_.string(), ": cannot be replaced: ", error.message()));
  }
  fs::rename(path_, dir_, error);
  if (error) {
    const std::string why = error.message();
    if (!old.empty()) fs::rename(old, dir_, error);
    fail_environment(cat(dir_.string(), ": cannot be written: ", why));
  }
  path_.clear();
  sync_path(dir_.parent_path());
  if (!old.empty()) fs::remove_all(old, error);
}

}  // namespace kuchi::io
