#include "core/tool_process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <utility>

#include "core/error.h"
#include "core/interrupt.h"
#include "core/text.h"

extern char** environ;

namespace kuchi {
namespace {

constexpr size_t kMostSaid = 200;  // bytes of what a tool says
constexpr int kLook_ms = 100;      // how often a wait asks whether it was interrupted

}  // namespace

ToolProcess::ToolProcess(std::vector<std::string> words, std::filesystem::path said)
    : name_(words.at(0)), said_(std::move(said)) {
  std::vector<char*> argv;
  for (auto& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  // A socket reads as a pipe does, and writing to it can be told to raise no SIGPIPE.
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
    start_error_ = errno;
    return;
  }
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, ends[0], 0);
  posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_addopen(&actions, 2, said_.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  start_error_ = posix_spawnp(&pid_, argv[0], &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  close(ends[0]);
  feed_ = ends[1];
  if (start_error_ != 0) {
    pid_ = -1;
    close_feed();
  }
}

ToolProcess::~ToolProcess() {
  close_feed();
  if (pid_ < 0) return;
  kill(pid_, SIGKILL);
  while (waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
  }
}

void ToolProcess::refuse_unstarted(const std::filesystem::path& file, std::string_view needs,
                                   std::string_view remedy) const {
  if (start_error_ == ENOENT) {
    fail_environment(cat(file.string(), ": ", needs, ", and none is found in PATH; ", remedy));
  }
  if (start_error_ != 0) {
    fail_environment(cat(file.string(), ": ", name_, " cannot be started"), start_error_);
  }
}

void ToolProcess::close_feed() {
  if (feed_ >= 0) close(std::exchange(feed_, -1));
}

bool ToolProcess::feed(std::span<const std::byte> bytes) {
  while (!bytes.empty() && feed_ >= 0) {
    const auto sent = send(feed_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent > 0) {
      bytes = bytes.subspan(static_cast<size_t>(sent));
    } else if (errno == EAGAIN) {
      pollfd room{feed_, POLLOUT, 0};
      poll(&room, 1, kLook_ms);
      check_interrupt();
    } else if (errno != EINTR) {
      close_feed();
    }
  }
  return bytes.empty();
}

bool ToolProcess::end() {
  close_feed();
  if (pid_ < 0) return false;
  int status = 0;
  for (pid_t ended = 0; ended != pid_;) {
    ended = waitpid(pid_, &status, WNOHANG);
    if (ended < 0 && errno != EINTR) {  // nobody knows how it ended: it did not end well
      pid_ = -1;
      return false;
    }
    if (ended != pid_) {
      check_interrupt();
      poll(nullptr, 0, 5);
    }
  }
  pid_ = -1;
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

std::string ToolProcess::last_line() const {
  std::ifstream in(said_);
  std::string last;
  for (std::string line; std::getline(in, line);) {
    if (auto text = trim(printable(line)); !text.empty()) last = std::move(text);
  }
  if (last.size() <= kMostSaid) return last;
  size_t from = last.size() - kMostSaid;  // the reason stands behind the file's name
  while (from < last.size() && (static_cast<unsigned char>(last[from]) & 0xC0) == 0x80) ++from;
  return "…" + last.substr(from);
}

}  // namespace kuchi
