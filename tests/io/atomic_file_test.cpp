#include "io/atomic_file.h"

#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <fstream>
#include <iterator>
#include <set>
#include <stdexcept>

#include "catch.h"
#include "core/error.h"
#include "core/text.h"

using namespace kuchi;
namespace fs = std::filesystem;

namespace {

struct Folder {
  fs::path path;
  Folder() {
    static std::atomic<int> counter{0};
    path = fs::temp_directory_path() / cat("kuchi-atomic-", getpid(), "-", counter.fetch_add(1));
    fs::create_directories(path);
  }
  ~Folder() {
    std::error_code ec;
    fs::permissions(path, fs::perms::owner_all, ec);
    fs::remove_all(path, ec);
  }
  fs::path operator/(const std::string& name) const { return path / name; }
  std::set<std::string> names() const {
    std::set<std::string> out;
    for (const auto& entry : fs::recursive_directory_iterator(path)) {
      out.insert(fs::relative(entry.path(), path).string());
    }
    return out;
  }
};

std::string content(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

template <typename Act>
std::pair<std::string, int> caught(Act act) {
  try {
    act();
  } catch (const UserError& e) {
    return {e.what(), static_cast<int>(e.code())};
  }
  return {"", 0};
}

}  // namespace

TEST_CASE("atomic file: written whole, with the directories it needs, nothing left beside it",
          "[io]") {
  Folder dir;
  const std::string text("a\0b\n", 4);

  io::write_atomically(dir / "x/y/file.txt", text);

  CHECK(content(dir / "x/y/file.txt") == text);
  CHECK(dir.names() == std::set<std::string>{"x", "x/y", "x/y/file.txt"});

  io::write_atomically(dir / "x/y/file.txt", "other");
  CHECK(content(dir / "x/y/file.txt") == "other");
  CHECK(dir.names().size() == 3);
}

TEST_CASE("atomic file: a writer that fails leaves the old file and nothing else", "[io]") {
  Folder dir;
  io::write_atomically(dir / "file.txt", "old");

  CHECK_THROWS_AS(io::write_atomically(dir / "file.txt",
                                       [](std::ostream& out) {
                                         out << "half";
                                         out.flush();
                                         throw std::runtime_error("stop");
                                       }),
                  std::runtime_error);
  CHECK_THROWS_AS(io::write_path_atomically(dir / "new.txt",
                                            [](const fs::path& path) {
                                              std::ofstream(path) << "half";
                                              throw std::runtime_error("stop");
                                            }),
                  std::runtime_error);

  CHECK(content(dir / "file.txt") == "old");
  CHECK(dir.names() == std::set<std::string>{"file.txt"});
}

TEST_CASE("atomic file: the device is full, and it is told with exit code 5", "[io]") {
  if (!fs::exists("/dev/full")) {
    WARN("skipped: no /dev/full here");
    return;
  }
  Folder dir;
  const auto [text, code] = caught([&] {
    io::write_path_atomically(dir / "file.txt", [](const fs::path& path) {
      fs::create_symlink("/dev/full", path);
      std::ofstream out(path);
      out << "no room for this" << std::flush;
      if (!out) fail_environment(path.string() + ": writing failed", ENOSPC);
    });
  });
  CHECK(code == 5);
  CHECK(text.find("No space left") != std::string::npos);
  CHECK(dir.names().empty());
}

TEST_CASE("atomic file: a place where nothing can be written is told with exit code 5", "[io]") {
  Folder dir;
  io::write_atomically(dir / "file", "a file");

  const auto [text, code] = caught([&] { io::write_atomically(dir / "file/inside.txt", "x"); });
  CHECK(code == 5);
  CHECK(text.find((dir / "file").string()) != std::string::npos);

  const auto onto_directory = caught([&] {
    fs::create_directories(dir / "folder/inside");
    io::write_atomically(dir / "folder", "x");
  });
  CHECK(onto_directory.second == 5);
  CHECK(dir.names() == std::set<std::string>{"file", "folder", "folder/inside"});
}

TEST_CASE("atomic file: a directory without the right to write", "[io]") {
  if (geteuid() == 0) {
    WARN("skipped: root may write everywhere");
    return;
  }
  Folder dir;
  fs::permissions(dir.path, fs::perms::owner_read | fs::perms::owner_exec);
  const auto [text, code] = caught([&] { io::write_atomically(dir / "file.txt", "x"); });
  CHECK(code == 5);
  CHECK(text.find("Permission denied") != std::string::npos);
}

TEST_CASE("atomic file: a file in the working directory needs no directory in its name", "[io]") {
  Folder dir;
  const auto before = fs::current_path();
  fs::current_path(dir.path);
  io::write_atomically("plain.txt", "x");
  fs::current_path(before);
  CHECK(dir.names() == std::set<std::string>{"plain.txt"});
}

TEST_CASE("atomic file: nothing is overwritten unasked", "[io]") {
  Folder dir;
  io::write_atomically(dir / "file.txt", "x");
  fs::create_symlink("nowhere", dir / "dangling");

  for (const auto* name : {"file.txt", "dangling"}) {
    const auto [text, code] = caught([&] { io::refuse_overwrite(dir / name, false); });
    CHECK(code == 2);
    CHECK(text.find("--force") != std::string::npos);
  }
  io::refuse_overwrite(dir / "file.txt", true);
  io::refuse_overwrite(dir / "new.txt", false);
}

TEST_CASE("atomic file: what cannot be read is told with exit code 3", "[io]") {
  Folder dir;
  io::write_atomically(dir / "file.txt", "12345678");
  io::write_atomically(dir / "empty.txt", "");

  CHECK(io::read_text(dir / "file.txt") == "12345678");
  CHECK(io::read_text(dir / "file.txt", 8) == "12345678");
  CHECK(io::read_text(dir / "empty.txt").empty());
  CHECK(caught([&] { io::read_text(dir / "file.txt", 7); }).second == 3);
  CHECK(caught([&] { io::read_text(dir / "none.txt"); }) ==
        std::pair<std::string, int>{(dir / "none.txt").string() + ": no such file", 3});
  CHECK(caught([&] { io::read_text(dir.path); }).first.find("directory") != std::string::npos);
}
