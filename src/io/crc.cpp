#include "io/crc.h"

#include <array>

namespace kuchi::io {
namespace {

constexpr std::array<uint32_t, 256> table(uint32_t polynomial) {
  std::array<uint32_t, 256> out{};
  for (uint32_t i = 0; i < 256; ++i) {
    uint32_t value = i;
    for (int bit = 0; bit < 8; ++bit) {
      value = (value & 1) != 0 ? value >> 1 ^ polynomial : value >> 1;
    }
    out[i] = value;
  }
  return out;
}

uint32_t crc(std::string_view bytes, const std::array<uint32_t, 256>& by) {
  uint32_t value = 0xffffffff;
  for (const char c : bytes) value = value >> 8 ^ by[(value ^ static_cast<uint8_t>(c)) & 255];
  return ~value;
}

}  // namespace

uint32_t crc32(std::string_view bytes) {
  static constexpr auto kTable = table(0xedb88320);
  return crc(bytes, kTable);
}

uint32_t crc32c(std::string_view bytes) {
  static constexpr auto kTable = table(0x82f63b78);
  return crc(bytes, kTable);
}

uint32_t adler32(std::string_view bytes) {
  uint32_t a = 1, b = 0;
  for (const char c : bytes) {
    a = (a + static_cast<uint8_t>(c)) % 65521;
    b = (b + a) % 65521;
  }
  return b << 16 | a;
}

}  // namespace kuchi::io
