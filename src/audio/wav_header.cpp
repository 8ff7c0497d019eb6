#include "audio/wav_header.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <string_view>

namespace kuchi::audio {
namespace {

constexpr uint32_t kUnknownSize = 0xFFFFFFFFu;
constexpr uint32_t kSoxPipeSize = 0x7FFFF000u;  // what SoX writes where it cannot seek back
constexpr int kMaxChunks = 100000;

/// Integers of either byte order at places of a file; zero where the file has ended.
class Bytes {
 public:
  explicit Bytes(const std::filesystem::path& file) : in_(file, std::ios::binary) {
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

/// Bytes of one frame for the encodings whose frames have a fixed size.
uint32_t frame_bytes_of(Bytes& bytes, uint64_t fmt) {
  enum : uint32_t { kPcm = 1, kFloat = 3, kALaw = 6, kMuLaw = 7, kExtensible = 0xFFFE };
  const uint32_t tag = bytes.u16(fmt);
  const bool fixed =
      tag == kPcm || tag == kFloat || tag == kALaw || tag == kMuLaw || tag == kExtensible;
  return fixed ? bytes.u16(fmt + 12) : 0;
}

}  // namespace

std::optional<WavHeader> read_wav_header(const std::filesystem::path& file) {
  Bytes bytes(file);
  const bool big = bytes.is(0, "RIFX");
  const bool large = bytes.is(0, "RF64") || bytes.is(0, "BW64");
  if (!bytes.is(0, "RIFF") && !big && !large) return std::nullopt;
  if (!bytes.is(8, "WAVE")) return std::nullopt;
  bytes.set_big_endian(big);

  WavHeader header;
  header.big_endian = big;
  uint64_t large_size = 0;
  uint64_t at = 12;
  for (int chunk = 0; chunk < kMaxChunks && bytes.has(at, 8); ++chunk) {
    const uint32_t size = bytes.u32(at + 4);
    const uint64_t body = at + 8;
    if (bytes.is(at, "ds64")) large_size = bytes.u64(body + 8);
    if (bytes.is(at, "fmt ")) header.frame_bytes = frame_bytes_of(bytes, body);
    if (bytes.is(at, "data")) {
      header.found_data = true;
      header.data_at = body;
      header.present_bytes = bytes.size() - body;
      header.promised_bytes = large && size == kUnknownSize ? large_size : size;
      const uint32_t riff = bytes.u32(4);
      const bool riff_unset = riff == kUnknownSize || uint64_t{riff} + 8 <= body;
      header.open_ended = header.present_bytes > 0 &&
                          (header.promised_bytes == kUnknownSize || size == kSoxPipeSize ||
                           (header.promised_bytes == 0 && riff_unset));
      return header;
    }
    at = body + size + (size & 1);  // chunks start at even offsets
  }
  return header;
}

}  // namespace kuchi::audio
