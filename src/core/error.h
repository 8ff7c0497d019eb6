// src/core/error.h
#pragma once

#include <filesystem>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace kuchi {

/// What the program returns; fixed by the command-line contract.
enum class Exit : int {
  done = 0,
  config = 2,
  data = 3,
  diverged = 4,
  environment = 5,
  interrupted = 130
};

/// A place in a user's file. line and col count from 1; 0 = unknown.
struct Location {
  std::string file;
  int line = 0;
  int col = 0;
};

/// "file:line:col", "file:line" or "file", as much as is known.
std::string to_string(const Location& at);

/// The one exception for a user's mistake, caught once in main. what() is the finished text:
/// "file:line:col: what is wrong; what to do". Bugs of ours use assert or std::logic_error.
class UserError : public std::runtime_error {
 public:
  UserError(Exit code, const std::string& text) : std::runtime_error(text), code_(code) {}
  UserError(Exit code, const Location& at, const std::string& text)
      : std::runtime_error(to_string(at) + ": " + text), code_(code) {}
  Exit code() const { return code_; }

 private:
  Exit code_;
};

[[noreturn]] void fail_config(const Location& at, const std::string& text);
[[noreturn]] void fail_data(const std::filesystem::path& file, const std::string& text);
[[noreturn]] void fail_data(const Location& at, const std::string& text);
/// errno_value 0: no system message is added.
[[noreturn]] void fail_environment(const std::string& text, int errno_value = 0);

}  // namespace kuchi
