#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace kuchi::io {

/// What a raw deflate stream holds (RFC 1951), which must be `bytes` long; nothing where the stream
/// is broken, ends early, or holds more or less. `bytes` is the caller's to limit: 1 KB packed can
/// hold 1 MB.
std::optional<std::string> inflate(std::string_view packed, uint64_t bytes);

}  // namespace kuchi::io
