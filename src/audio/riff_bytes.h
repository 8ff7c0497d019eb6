#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string_view>

namespace kuchi::audio {

/// Integers of either byte order at places of a file; zero where the file has ended.
class RiffBytes {
 public:
  explicit RiffBytes(const std::filesystem::path& file) : in_(file, std::ios::binary) {
    in_.seekg(0, std::ios::end);
    const auto end = in_.tellg();
    size_ = end > 0 ? static_cast<uint64_t>(end) : 0;
  }
  uint64_t size() const { return size_; }
  void set_big_endian(bool big) { big_endian_ = big; }
  bool has(uint64_t at, uint64_t bytes) const { return at <= size_ && bytes <= size_ - at; }

  std::array<char, 4> tag(uint64_t at) {
    std::array<char, 4> bytes{};
    if (!has(at, 4)) return bytes;
    in_.clear();
    in_.seekg(static_cast<std::streamoff>(at));
    in_.read(bytes.data(), 4);
    return bytes;
  }
  bool is(uint64_t at, std::string_view text) {
    const auto bytes = tag(at);
    return std::equal(text.begin(), text.end(), bytes.begin());
  }
  uint32_t u32(uint64_t at) {
    const auto b = tag(at);
    uint32_t value = 0;
    for (size_t i = 0; i < 4; ++i) {
      const size_t from = big_endian_ ? i : 3 - i;
      value = (value << 8) | static_cast<unsigned char>(b[from]);
    }
    return value;
  }
  uint64_t u64(uint64_t at) {
    const uint64_t first = u32(at), second = u32(at + 4);
    return big_endian_ ? (first << 32) | second : (second << 32) | first;
  }
  uint32_t u16(uint64_t at) {
    const uint32_t value = u32(at);
    return big_endian_ ? value >> 16 : value & 0xFFFF;
  }

 private:
  std::ifstream in_;
  uint64_t size_ = 0;
  bool big_endian_ = false;
};

}  // namespace kuchi::audio
