#include "io/atomic_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <fstream>

#include "core/error.h"
#include "core/text.h"

namespace kuchi::io {
namespace fs = std::filesystem;
namespace {

/// Unlinks the temporary unless it was renamed in time.
struct Temporary {
  fs::path path;
  ~Temporary() {
    std::error_code ignored;
    if (!path.empty()) fs::remove(path, ignored);
  }
};

fs::path temporary_beside(const fs::path& file) {
  static std::atomic<int> counter{0};
  return file.parent_path() /
         cat(".", file.filename().string(), ".tmp-", getpid(), "-", counter.fetch_add(1));
}

}  // namespace

void make_directories(const fs::path& dir) {
  if (dir.empty()) return;
  std::error_code ec;
  fs::create_directories(dir, ec);
  if (ec || !fs::is_directory(dir)) {
    fail_environment(dir.string() + ": cannot make this directory", ec ? ec.value() : ENOTDIR);
  }
}

void sync_path(const fs::path& path) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) fail_environment(path.string() + ": cannot open for syncing", errno);
  const int rc = fsync(fd);
  const int error = errno;
  close(fd);
  if (rc != 0 && error != EINVAL) fail_environment(path.string() + ": cannot sync", error);
}

void write_path_atomically(const fs::path& file, const std::function<void(const fs::path&)>& fill) {
  make_directories(file.parent_path());
  Temporary temporary{temporary_beside(file)};
  fill(temporary.path);
  sync_path(temporary.path);
  if (rename(temporary.path.c_str(), file.c_str()) != 0) {
    fail_environment(file.string() + ": cannot rename the finished file into place", errno);
  }
  temporary.path.clear();
  sync_path(file.parent_path().empty() ? fs::path(".") : file.parent_path());
}

void write_atomically(const fs::path& file, const std::function<void(std::ostream&)>& fill) {
  write_path_atomically(file, [&](const fs::path& path) {
    errno = 0;
    std::ofstream out(path, std::ios::binary);
    if (!out) fail_environment(file.string() + ": cannot write here", errno);
    fill(out);
    out.flush();
    if (!out) fail_environment(file.string() + ": writing failed", errno);
  });
}

void write_atomically(const fs::path& file, const std::string& text) {
  write_atomically(file, [&](std::ostream& out) { out << text; });
}

void refuse_existing(const fs::path& path) {
  std::error_code ec;
  if (fs::exists(fs::symlink_status(path, ec))) {
    throw UserError(Exit::config,
                    path.string() + ": exists already; choose another name or add --force");
  }
}

void refuse_overwrite(const fs::path& file, bool force) {
  std::error_code ec;
  if (fs::is_directory(file, ec)) {
    throw UserError(Exit::config, file.string() + ": is a folder; name the file to write");
  }
  if (!force) refuse_existing(file);
}

std::string read_text(const fs::path& file, size_t limit_bytes) {
  std::error_code ec;
  const auto status = fs::status(file, ec);
  if (ec || !fs::exists(status)) fail_data(file, "no such file");
  if (fs::is_directory(status)) fail_data(file, "is a directory, a file is needed here");
  std::ifstream in(file, std::ios::binary);
  if (!in) fail_data(file, "cannot be opened; check its permissions");
  std::string text;
  char buffer[1 << 16];
  while (in.read(buffer, sizeof buffer) || in.gcount() > 0) {
    text.append(buffer, static_cast<size_t>(in.gcount()));
    if (text.size() > limit_bytes) {
      fail_data(file, cat("is larger than ", limit_bytes >> 20, " MiB, too large for what it is"));
    }
  }
  return text;
}

}  // namespace kuchi::io
