#include "core/child.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "core/error.h"

namespace kuchi {

Environment::Environment(const std::vector<std::pair<std::string, std::string>>& set) {
  for (char** at = environ; *at != nullptr; ++at) {
    const std::string line = *at;
    const auto name = line.substr(0, line.find('='));
    if (std::none_of(set.begin(), set.end(), [&](const auto& s) { return s.first == name; })) {
      lines_.push_back(line);
    }
  }
  for (const auto& [name, value] : set) lines_.push_back(name + "=" + value);
  for (auto& line : lines_) pointers_.push_back(line.data());
  pointers_.push_back(nullptr);
}

pid_t start_child(const std::vector<std::string>& arguments, const Environment& environment,
                  const std::filesystem::path& log) {
  auto held = arguments;
  std::vector<char*> argv;
  for (auto& a : held) argv.push_back(a.data());
  argv.push_back(nullptr);
  int out = -1;
  if (!log.empty()) {
    out = open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    if (out < 0) fail_environment(log.string() + ": cannot be written", errno);
  }
  const pid_t parent = getpid();
  const pid_t child = fork();
  if (child != 0) {
    const int error = errno;
    if (out >= 0) close(out);
    if (child < 0) fail_environment("cannot start another process", error);
    return child;
  }
  // Until exec only what is safe after a fork.
  setpgid(0, 0);
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (out >= 0) {
    dup2(out, STDOUT_FILENO);
    dup2(out, STDERR_FILENO);
  }
  if (getppid() == parent) execve("/proc/self/exe", argv.data(), environment.get());
  _exit(static_cast<int>(Exit::environment));
}

std::optional<Ending> ending_of(pid_t child) {
  int status = 0;
  if (waitpid(child, &status, WNOHANG) != child) return std::nullopt;
  Ending ending;
  if (WIFSIGNALED(status)) ending.signal = WTERMSIG(status);
  if (WIFEXITED(status)) ending.code = WEXITSTATUS(status);
  return ending;
}

}  // namespace kuchi
