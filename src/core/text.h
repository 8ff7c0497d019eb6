// src/core/text.h
#pragma once

#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace kuchi {

/// Writes its arguments one after another into a string.
template <typename... Args>
std::string cat(const Args&... args) {
  std::ostringstream out;
  (out << ... << args);
  return out.str();
}

std::string lower(std::string_view s);
std::string trim(std::string_view s);
std::vector<std::string> split(std::string_view s, char separator);
/// For a terminal: control characters, which could command it, become spaces.
std::string printable(std::string_view text);

std::string join(const std::vector<std::string>& parts, std::string_view separator);

/// The name without case and separators: jawOpen, JawOpen and jaw_open are one curve.
std::string plain_name(std::string_view s);

/// Shortest decimal text that reads back as the same double ("nan", "inf" spelled so).
std::string number(double value);
/// Fixed number of significant digits, for people.
std::string number(double value, int digits);

/// Reads a whole string as a number in the C locale; false where anything is left over.
bool parse_number(std::string_view s, double& out);
bool parse_integer(std::string_view s, long long& out);

/// The candidate nearest to name by edits, or "" where none is near enough to be meant.
std::string nearest(std::string_view name, const std::vector<std::string>& candidates);
/// "; did you mean "x"?" or "".
std::string did_you_mean(std::string_view name, const std::vector<std::string>& candidates);

/// 83.2 -> "1:23", 3723 -> "1:02:03".
std::string clock_text(double seconds);

}  // namespace kuchi
