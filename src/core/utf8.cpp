#include "core/utf8.h"

namespace kuchi {

void append_utf8(std::string& text, uint32_t point) {
  const auto tail = [&](int shift) { text += static_cast<char>(0x80 | ((point >> shift) & 0x3f)); };
  if (point < 0x80) {
    text += static_cast<char>(point);
  } else if (point < 0x800) {
    text += static_cast<char>(0xc0 | (point >> 6));
    tail(0);
  } else if (point < 0x10000) {
    text += static_cast<char>(0xe0 | (point >> 12));
    tail(6), tail(0);
  } else {
    text += static_cast<char>(0xf0 | ((point >> 18) & 7));
    tail(12), tail(6), tail(0);
  }
}

}  // namespace kuchi
