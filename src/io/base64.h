#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace kuchi::io {

/// Bytes as base64 text (RFC 4648, section 4, with padding), for files that hold text alone.
std::string base64(const void* data, size_t bytes);

/// The inverse: false for what is no such text (`bytes` is then of no use). Padding may be absent.
bool from_base64(std::string_view text, std::string& bytes);

}  // namespace kuchi::io
