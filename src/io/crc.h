// src/io/crc.h
#pragma once

#include <cstdint>
#include <string_view>

namespace kuchi::io {

/// Check sums of other programs' files.
uint32_t crc32(std::string_view bytes);    // PNG, zip: reflected polynomial 0xedb88320
uint32_t crc32c(std::string_view bytes);   // TFRecord: Castagnoli's, 0x82f63b78 (RFC 3720)
uint32_t adler32(std::string_view bytes);  // zlib (RFC 1950)

}  // namespace kuchi::io
