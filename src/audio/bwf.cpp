#include "audio/bwf.h"

#include <cstdint>

#include "audio/riff_bytes.h"

namespace kuchi::audio {
namespace {

constexpr uint64_t kTimeReference = 256 + 32 + 32 + 10 + 8;  // after the texts of bext
constexpr int kMaxChunks = 1000;

}  // namespace

std::optional<double> bwf_start_s(const std::filesystem::path& file) {
  RiffBytes bytes(file);
  const bool wave = bytes.is(0, "RIFF") || bytes.is(0, "RF64") || bytes.is(0, "BW64");
  if (!wave || !bytes.is(8, "WAVE")) return std::nullopt;
  uint64_t reference = 0;
  uint32_t rate = 0;
  uint64_t at = 12;
  for (int chunk = 0; chunk < kMaxChunks && (reference == 0 || rate == 0) && bytes.has(at, 8);
       ++chunk) {
    const uint32_t size = bytes.u32(at + 4);
    const uint64_t body = at + 8, time = body + kTimeReference;
    if (bytes.is(at, "fmt ") && bytes.has(body, 8)) rate = bytes.u32(body + 4);
    if (bytes.is(at, "bext") && bytes.has(time, 8)) reference = bytes.u64(time);
    at = body + size + (size & 1);
  }
  if (reference == 0 || rate == 0) return std::nullopt;
  const double start_s = static_cast<double>(reference) / rate;
  return start_s < 2 * 86400.0 ? std::optional(start_s) : std::nullopt;
}

}  // namespace kuchi::audio
