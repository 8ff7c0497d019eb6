#pragma once

#include <cstddef>
#include <string>

namespace kuchi::io {

/// Bytes as base64 text (RFC 4648, section 4, with padding), for files that hold text alone.
std::string base64(const void* data, size_t bytes);

}  // namespace kuchi::io
