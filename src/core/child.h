#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace kuchi {

/// This process's environment with variables replaced, as execve wants it.
class Environment {
 public:
  explicit Environment(const std::vector<std::pair<std::string, std::string>>& set = {});
  char* const* get() const { return pointers_.data(); }

 private:
  std::vector<std::string> lines_;
  std::vector<char*> pointers_;
};

/// How a process ended: by itself with a code, or by a signal.
struct Ending {
  int code = 0;    // of exit; where signal is 0
  int signal = 0;  // that ended it
};

/// Runs this program again, in a process group of its own: the terminal's ^C comes to the parent
/// alone, which passes it on. The child is told to end (SIGTERM) when the parent does. Both its
/// outputs are added to `log` where one is given. arguments[0] is the program's name. UserError
/// (environment) where no process can be had or the log cannot be written.
pid_t start_child(const std::vector<std::string>& arguments, const Environment& environment,
                  const std::filesystem::path& log = {});

/// How it ended; nothing while it runs.
std::optional<Ending> ending_of(pid_t child);

}  // namespace kuchi
