#include "core/error.h"

#include <cstring>

namespace kuchi {

std::string to_string(const Location& at) {
  std::string s = at.file;
  if (at.line > 0) s += ":" + std::to_string(at.line);
  if (at.line > 0 && at.col > 0) s += ":" + std::to_string(at.col);
  return s;
}

void fail_config(const Location& at, const std::string& text) {
  throw UserError(Exit::config, at, text);
}

void fail_data(const std::filesystem::path& file, const std::string& text) {
  throw UserError(Exit::data, file.string() + ": " + text);
}

void fail_data(const Location& at, const std::string& text) {
  throw UserError(Exit::data, at, text);
}

void fail_environment(const std::string& text, int errno_value) {
  throw UserError(Exit::environment,
                  errno_value == 0 ? text : text + ": " + std::strerror(errno_value));
}

}  // namespace kuchi
