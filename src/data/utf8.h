#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace kuchi::data {

/// True for well-formed UTF-8 (RFC 3629): no overlong forms, surrogates or cut sequences.
bool is_utf8(std::string_view text);

/// The text itself, or, where it is not UTF-8, with ? for each byte above 127: file names are
/// bytes, reports are text.
std::string printable(std::string_view text);

/// A label file's content as UTF-8 without a byte order mark. UserError (data): neither UTF-8 nor
/// UTF-16 with such a mark.
std::string to_utf8(std::string text, const std::filesystem::path& file);

}  // namespace kuchi::data
