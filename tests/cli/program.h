// The program from outside, as a user or a script meets it: spawned, its output and exit code read.
#pragma once

#include <fcntl.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <map>
#include <nlohmann/json.hpp>
#include <thread>

#include "../data/fixture.h"
#include "catch.h"

namespace kuchi::test {

using Json = nlohmann::json;

inline std::string content(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

inline fs::path source(const std::string& name) { return fs::path(KUCHI_SOURCE_DIR) / name; }
/// The public files beside the project; not everywhere.
inline fs::path shared(const std::string& name) { return source("../shared/data/" + name); }

inline fs::path program() {
  const char* given = std::getenv("KUCHI_PROGRAM");
  return given != nullptr ? fs::path(given) : fs::path(KUCHI_BINARY_DIR) / "bin/kuchi";
}

/// For the whole test process: the cache of all its programs, and a run to look at.
struct Workshop {
  TempDir dir;
  fs::path cache() const { return dir.path / "cache"; }
  static Workshop& get() {
    static Workshop one;
    return one;
  }
};

struct Ran {
  int code = -1;  // 128 + n: ended by signal n
  std::string out, err;
  double peak_mb = 0;  // most memory that was resident
  Json json() const { return Json::parse(out); }
  /// One clear sentence: a line, whole, that is no bug report and no abort.
  bool one_sentence() const {
    return err.size() > 10 && err.back() == '\n' && std::count(err.begin(), err.end(), '\n') == 1 &&
           err.find("bug of") == std::string::npos && err.find("LibTorch") == std::string::npos;
  }
};

/// A started program; end() waits for it.
class Started {
 public:
  Started(std::vector<std::string> arguments, const fs::path& cwd) {
    out_ = dir_ / "out";
    err_ = dir_ / "err";
    const auto cache =
        Workshop::get().cache();  // before the fork: or each child would make its own
    pid_ = fork();
    if (pid_ != 0) return;
    for (const auto& [file, fd] : {std::pair{out_, 1}, std::pair{err_, 2}}) {
      dup2(open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600), fd);
    }
    dup2(open("/dev/null", O_RDONLY), 0);
    setenv("KUCHI_CACHE", cache.c_str(), 1);
    if (!cwd.empty() && chdir(cwd.c_str()) != 0) _exit(99);
    arguments.insert(arguments.begin(), "kuchi");
    std::vector<char*> argv;
    for (auto& a : arguments) argv.push_back(a.data());
    argv.push_back(nullptr);
    execv(program().c_str(), argv.data());
    _exit(98);
  }
  void send(int signal) const { kill(pid_, signal); }
  bool running() {
    if (!ended_) ended_ = wait4(pid_, &status_, WNOHANG, &usage_) == pid_;
    return !ended_;
  }
  Ran end() {
    if (!ended_) wait4(pid_, &status_, 0, &usage_);
    ended_ = true;
    const int code = WIFEXITED(status_) ? WEXITSTATUS(status_) : 128 + WTERMSIG(status_);
    return {code, content(out_), content(err_), static_cast<double>(usage_.ru_maxrss) / 1024};
  }

 private:
  TempDir dir_;
  fs::path out_, err_;
  pid_t pid_ = -1;
  int status_ = 0;
  rusage usage_{};
  bool ended_ = false;
};

inline Ran call(const std::vector<std::string>& arguments, const fs::path& cwd = {}) {
  return Started(arguments, cwd).end();
}

/// The same, where anything but success is the test's failure.
inline Ran must(const std::vector<std::string>& arguments) {
  auto ran = call(arguments);
  INFO(join(arguments, " "));
  INFO(ran.err);
  REQUIRE(ran.code == 0);
  return ran;
}

/// Every file and folder below, with its size: what a failed command must not change.
inline std::map<std::string, uintmax_t> listing(const fs::path& dir) {
  std::map<std::string, uintmax_t> out;
  for (const auto& e : fs::recursive_directory_iterator(dir)) {
    out[fs::relative(e.path(), dir).string()] = e.is_regular_file() ? e.file_size() : 0;
  }
  return out;
}

/// A little training: seconds, and good for nothing but being a run.
inline std::vector<std::string> little_training(const fs::path& out) {
  return {"train",
          source("configs/debug/tiny.yaml").string(),
          "--out",
          out.string(),
          "data.synth.clips=6",
          "data.synth.seconds=2",
          "data.split.by=clip",
          "data.split.valid=0.2",
          "data.split.test=0.4",
          "train.max_epochs=2",
          "train.threads=1"};
}

/// One run for all tests that only look at it.
inline const fs::path& shared_run() {
  static const fs::path run = [] {
    const fs::path out = Workshop::get().dir / "run";
    const auto ran = call(little_training(out));
    INFO(ran.err);
    REQUIRE(ran.code == 0);
    return out;
  }();
  return run;
}

/// Two seconds of speech, somewhere under dir/s.
inline std::string make_sound(const fs::path& dir) {
  must({"synth", (dir / "s").string(), "--clips", "1", "--seconds", "2"});
  std::string sound;
  for (const auto& e : fs::recursive_directory_iterator(dir / "s")) {
    if (e.path().extension() == ".wav" || e.path().extension() == ".flac") sound = e.path();
  }
  REQUIRE_FALSE(sound.empty());
  return sound;
}

/// A line of shell, its words quoted by the caller.
inline Ran shell(const std::string& line) {
  TempDir dir;
  const int status = std::system(cat("{ ", line, "\n} > '", (dir / "out").string(), "' 2> '",
                                     (dir / "err").string(), "' < /dev/null")
                                     .c_str());
  return {WEXITSTATUS(status), content(dir / "out"), content(dir / "err")};
}
inline std::string quoted(const fs::path& path) { return "'" + path.string() + "'"; }
inline bool installed(const std::string& tool) { return shell("command -v " + tool).code == 0; }

/// The tests' own Python (scripts/setup.sh --test-tools) on a line of code; {-1} where it is not.
inline Ran python(const std::vector<std::string>& arguments) {
  const fs::path python = source("build/venv-tests/bin/python");
  if (!fs::exists(python) || !fs::exists(source("build/venv-tests/requirements.txt"))) return {};
  TempDir dir;
  std::string command = "'" + python.string() + "'";
  for (const auto& a : arguments) command += " '" + a + "'";
  command += " > '" + (dir / "out").string() + "' 2> '" + (dir / "err").string() + "'";
  const int status = std::system(command.c_str());
  return {WEXITSTATUS(status), content(dir / "out"), content(dir / "err")};
}

/// What a script prints as JSON; null, with a word, where the tests' Python is not.
inline Json python_json(const std::vector<std::string>& arguments) {
  const auto ran = python(arguments);
  if (ran.code == -1) {
    WARN("skipped: no Python environment; run scripts/setup.sh --test-tools");
    return {};
  }
  INFO(ran.err);
  REQUIRE(ran.code == 0);
  return ran.json();
}

}  // namespace kuchi::test

#define NEEDS_PROGRAM()                                                                  \
  do {                                                                                   \
    if (!kuchi::test::fs::exists(kuchi::test::program())) {                              \
      WARN("skipped: no program at " << kuchi::test::program() << "; scripts/build.sh"); \
      return;                                                                            \
    }                                                                                    \
  } while (false)
#define NEEDS_SHARED()                                                \
  do {                                                                \
    if (!kuchi::test::fs::exists(kuchi::test::shared("README.md"))) { \
      WARN("skipped: no ../shared/data beside the project");          \
      return;                                                         \
    }                                                                 \
  } while (false)
