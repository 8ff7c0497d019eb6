// The real program as a child, to be stopped from outside in the middle of its work.
#pragma once

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>

#include <algorithm>
#include <chrono>
#include <thread>

#include "catch.h"
#include "small_training.h"

extern char** environ;

namespace kuchi::test {

inline const fs::path kProgram = fs::path(KUCHI_BINARY_DIR) / "bin/kuchi";

/// The command line of a training long enough to be caught at work.
inline std::vector<std::string> training(const fs::path& run, const Settings& more) {
  std::vector<std::string> all = {"train", std::string(KUCHI_SOURCE_DIR) + "/configs/base.yaml",
                                  "--out", run.string()};
  for (const auto& setting :
       small({"train.max_epochs=12", "train.segment_frames=10", "train.batch_frames=20",
              "train.keep=1", "train.checkpoint_every=3"})) {
    all.push_back(setting);
  }
  all.insert(all.end(), more.begin(), more.end());
  return all;
}

class Child {
 public:
  /// What it says on stderr goes to a file, if one is named.
  explicit Child(const std::vector<std::string>& arguments, const fs::path& said = "/dev/null") {
    std::vector<std::string> all = {kProgram.string()};
    all.insert(all.end(), arguments.begin(), arguments.end());
    std::vector<char*> argv;
    for (auto& a : all) argv.push_back(a.data());
    argv.push_back(nullptr);
    posix_spawn_file_actions_t files;
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_addopen(&files, 1, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addopen(&files, 2, said.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644);
    REQUIRE(posix_spawn(&pid_, kProgram.c_str(), &files, nullptr, argv.data(), environ) == 0);
    posix_spawn_file_actions_destroy(&files);
  }
  ~Child() {
    if (!ended_) {
      kill(pid_, SIGKILL);
      wait();
    }
  }
  void send(int signal) const { kill(pid_, signal); }
  pid_t pid() const { return pid_; }
  bool running() {
    if (ended_) return false;
    int status = 0;
    if (waitpid(pid_, &status, WNOHANG) == 0) return true;
    note(status);
    return false;
  }
  /// The exit status, or 1000 + the signal that ended it.
  int wait() {
    if (!ended_) {
      int status = 0;
      waitpid(pid_, &status, 0);
      note(status);
    }
    return code_;
  }

 private:
  void note(int status) {
    ended_ = true;
    code_ = WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
  }
  pid_t pid_ = -1;
  bool ended_ = false;
  int code_ = -1;
};

inline int program(const std::vector<std::string>& arguments) { return Child(arguments).wait(); }

/// The same, with what it said on stderr.
struct Said {
  int code = 0;
  std::string text;
};
inline Said said_by(const std::vector<std::string>& arguments) {
  const auto file = workshop() / "stderr";
  const int code = Child(arguments, file).wait();
  return {code, file_bytes(file)};
}

/// Waits until the run has written its `lines`-th event (or ended), then a little.
inline void wait_for_events(Child& child, const fs::path& run, int64_t lines, int64_t then_ms) {
  while (child.running()) {
    std::error_code ec;
    if (fs::exists(run / "config.resolved.yaml", ec)) {
      if (lines == 0) break;
      std::ifstream in(run / "events.jsonl");
      if (std::count(std::istreambuf_iterator<char>(in), {}, '\n') >= lines) break;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  std::this_thread::sleep_for(std::chrono::milliseconds(then_ms));
}

}  // namespace kuchi::test
