#pragma once

#include <sys/types.h>

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace kuchi {

/// Another program, which may be fed: found in PATH, started without a shell, its stdin fed
/// by this process, its stdout nowhere, what it says on stderr in a file. One that has not ended
/// when this object does is killed.
class ToolProcess {
 public:
  /// words[0] is its name. See start_error().
  ToolProcess(std::vector<std::string> words, std::filesystem::path said);
  ~ToolProcess();
  ToolProcess(const ToolProcess&) = delete;
  ToolProcess& operator=(const ToolProcess&) = delete;

  /// errno of the start: ENOENT where PATH has no such program; 0: it runs.
  int start_error() const { return start_error_; }
  /// UserError (environment) where it did not start: what `file` needs it for, such as "a video
  /// needs ffmpeg", where there is none, and else the system's reason; `remedy` follows.
  void refuse_unstarted(const std::filesystem::path& file, std::string_view needs,
                        std::string_view remedy) const;
  /// Waits until it has taken all. False once it takes no more: it has ended, or soon will. No
  /// SIGPIPE comes of that. UserError (interrupted), here and in end().
  bool feed(std::span<const std::byte> bytes);
  /// Tells it that nothing more comes, and waits. Whether it ended well.
  bool end();
  /// The last line of what it said that says something; "" where it was silent. After end().
  std::string last_line() const;

 private:
  void close_feed();

  std::string name_;
  std::filesystem::path said_;
  pid_t pid_ = -1;
  int feed_ = -1;
  int start_error_ = 0;
};

}  // namespace kuchi
