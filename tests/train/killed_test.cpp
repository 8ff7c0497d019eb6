// The real program, stopped from outside in the middle of an epoch: what it goes on to must be
// what it would have been.
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>

#include <algorithm>
#include <chrono>
#include <thread>

#include "catch.h"
#include "small_training.h"

extern char** environ;

using namespace kuchi;
using namespace kuchi::test;

namespace {

const fs::path kProgram = fs::path(KUCHI_BINARY_DIR) / "bin/kuchi";

/// The command line of a training long enough to be caught at work.
std::vector<std::string> training(const fs::path& run, const Settings& more) {
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
  explicit Child(const std::vector<std::string>& arguments) {
    std::vector<std::string> all = {kProgram.string()};
    all.insert(all.end(), arguments.begin(), arguments.end());
    std::vector<char*> argv;
    for (auto& a : all) argv.push_back(a.data());
    argv.push_back(nullptr);
    posix_spawn_file_actions_t files;
    posix_spawn_file_actions_init(&files);
    for (const int fd : {1, 2}) {
      posix_spawn_file_actions_addopen(&files, fd, "/dev/null", 1 /* O_WRONLY */, 0);
    }
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

int program(const std::vector<std::string>& arguments) { return Child(arguments).wait(); }

/// Waits until the run has written its `lines`-th event (or ended), then a little.
void wait_for_events(Child& child, const fs::path& run, int64_t lines, int64_t then_ms) {
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

const Settings kEverything = {"train.ema=0.9", "train.grad_accumulation=2", "augment.time_masks=1",
                              "augment.noise=0.1", "model.bilstm.dropout=0.2"};

}  // namespace

TEST_CASE("killed: stopped by SIGTERM it saves, says 130, and goes on as if never stopped",
          "[train][slow]") {
  workshop();
  REQUIRE(fs::exists(kProgram));
  for (const auto& kind : {Settings{}, kEverything}) {
    const auto whole = new_run(), stopped = new_run();
    REQUIRE(program(training(whole, kind)) == 0);
    int interruptions = 0, in_epoch = 0;
    {
      Child child(training(stopped, kind));
      wait_for_events(child, stopped, 1, 20);
      child.send(SIGTERM);
      if (child.wait() == 130) ++interruptions;
    }
    for (int i = 2; i < 5; ++i) {
      if (left(stopped).state.at("batch") > 0) ++in_epoch;
      Child child({"resume", stopped.string()});
      wait_for_events(child, stopped, 2 * i, 10 * i);
      child.send(SIGTERM);
      if (child.wait() == 130) ++interruptions;
    }
    CHECK(interruptions >= 2);
    CHECK(in_epoch >= 1);  // else the test has lost its point
    REQUIRE(program({"resume", stopped.string()}) == 0);
    CHECK_SAME(left(whole), left(stopped));
    CHECK(events(whole) == events(stopped));
  }
}

TEST_CASE("killed: kill -9 at any moment loses time, never the result", "[train][slow]") {
  workshop();
  REQUIRE(fs::exists(kProgram));
  const auto whole = new_run(), killed = new_run();
  REQUIRE(program(training(whole, kEverything)) == 0);
  int kills = 0;
  {
    Child child(training(killed, kEverything));
    wait_for_events(child, killed, 0, 0);  // before the first checkpoint
    child.send(SIGKILL);
    if (child.wait() == 1000 + SIGKILL) ++kills;
  }
  for (int64_t i = 1; i <= 6; ++i) {
    Child child({"resume", killed.string()});
    wait_for_events(child, killed, 2 * i, 3 * i);
    child.send(SIGKILL);
    if (child.wait() == 1000 + SIGKILL) ++kills;
  }
  CHECK(kills >= 3);
  REQUIRE(program({"resume", killed.string()}) == 0);
  CHECK_SAME(left(whole), left(killed));
  CHECK(events(whole) == events(killed));
  for (const auto& entry : fs::directory_iterator(killed / "checkpoints")) {
    CHECK(fs::exists(entry.path() / "DONE"));  // no leftovers of killed writes
  }
}
