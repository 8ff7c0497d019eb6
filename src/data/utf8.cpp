#include "data/utf8.h"

#include <cstdint>

#include "core/error.h"
#include "core/text.h"
#include "core/utf8.h"

namespace kuchi::data {
namespace {

namespace fs = std::filesystem;

std::string from_utf16(std::string_view bytes, bool big_endian, const fs::path& file) {
  const auto unit = [&](size_t i) -> uint32_t {
    const auto a = static_cast<unsigned char>(bytes[i]),
               b = static_cast<unsigned char>(bytes[i + 1]);
    return big_endian ? static_cast<uint32_t>(a << 8 | b) : static_cast<uint32_t>(b << 8 | a);
  };
  std::string out;
  if (bytes.size() % 2 != 0) fail_data(file, "is UTF-16 with half a character at its end");
  for (size_t i = 2; i < bytes.size(); i += 2) {
    uint32_t c = unit(i);
    if (c >= 0xD800 && c < 0xE000) {
      const uint32_t low = i + 2 < bytes.size() ? unit(i + 2) : 0;
      if (c >= 0xDC00 || low < 0xDC00 || low >= 0xE000) {
        fail_data(file, cat("is no whole UTF-16: half a character at byte ", i));
      }
      c = 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00);
      i += 2;
    }
    append_utf8(out, c);
  }
  return out;
}

}  // namespace

bool is_utf8(std::string_view text) {
  for (size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i]);
    const size_t more = lead < 0x80 ? 0 : lead < 0xC2 ? 9 : lead < 0xE0 ? 1 : lead < 0xF0 ? 2 : 3;
    if (more == 9 || lead > 0xF4 || i + more >= text.size()) return false;
    uint32_t code = more == 0 ? lead : lead & (0x3FU >> more);
    for (size_t j = 1; j <= more; ++j) {
      const auto c = static_cast<unsigned char>(text[i + j]);
      if ((c & 0xC0) != 0x80) return false;
      code = (code << 6) | (c & 0x3F);
    }
    if ((more == 2 && code < 0x800) || (more == 3 && (code < 0x10000 || code > 0x10FFFF))) {
      return false;
    }
    if (code >= 0xD800 && code <= 0xDFFF) return false;
    i += more + 1;
  }
  return true;
}

std::string printable(std::string_view text) {
  std::string out(text);
  if (is_utf8(text)) return out;
  for (char& c : out) {
    if (static_cast<unsigned char>(c) > 127) c = '?';
  }
  return out;
}

std::string to_utf8(std::string text, const fs::path& file) {
  if (text.starts_with("\xFE\xFF")) return from_utf16(text, true, file);
  if (text.starts_with("\xFF\xFE")) return from_utf16(text, false, file);
  if (text.starts_with("\xEF\xBB\xBF")) text.erase(0, 3);
  if (!is_utf8(text)) {
    fail_data(file, "is neither UTF-8 nor UTF-16 with a byte order mark; save it as UTF-8");
  }
  return text;
}

}  // namespace kuchi::data
