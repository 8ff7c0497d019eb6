#include "audio/wav_header.h"

#include "audio/riff_bytes.h"

namespace kuchi::audio {
namespace {

constexpr uint32_t kUnknownSize = 0xFFFFFFFFu;
constexpr uint32_t kSoxPipeSize = 0x7FFFF000u;  // what SoX writes where it cannot seek back
constexpr int kMaxChunks = 100000;

/// Bytes of one frame for the encodings whose frames have a fixed size.
uint32_t frame_bytes_of(RiffBytes& bytes, uint64_t fmt) {
  enum : uint32_t { kPcm = 1, kFloat = 3, kALaw = 6, kMuLaw = 7, kExtensible = 0xFFFE };
  const uint32_t tag = bytes.u16(fmt);
  const bool fixed =
      tag == kPcm || tag == kFloat || tag == kALaw || tag == kMuLaw || tag == kExtensible;
  return fixed ? bytes.u16(fmt + 12) : 0;
}

}  // namespace

std::optional<WavHeader> read_wav_header(const std::filesystem::path& file) {
  RiffBytes bytes(file);
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
