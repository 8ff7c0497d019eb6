// src/core/utf8.h
#pragma once

#include <cstdint>
#include <string>

namespace kuchi {

/// Adds a code point as UTF-8 (RFC 3629).
void append_utf8(std::string& text, uint32_t point);

}  // namespace kuchi
