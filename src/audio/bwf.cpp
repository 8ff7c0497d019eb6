#include "audio/bwf.h"

#include <array>
#include <cstdint>
#include <fstream>
#include <string_view>

namespace kuchi::audio {
namespace {

constexpr std::streamoff kTimeReference = 256 + 32 + 32 + 10 + 8;  // after the texts of bext
constexpr int kMaxChunks = 1000;

uint32_t number(const char* bytes) {
  uint32_t value = 0;
  for (int i = 3; i >= 0; --i) value = (value << 8) | static_cast<unsigned char>(bytes[i]);
  return value;
}

}  // namespace

std::optional<double> bwf_start_s(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::array<char, 12> head{};
  if (!in.read(head.data(), head.size())) return std::nullopt;
  const std::string_view text(head.data(), head.size());
  const bool wave =
      text.starts_with("RIFF") || text.starts_with("RF64") || text.starts_with("BW64");
  if (!wave || text.substr(8) != "WAVE") return std::nullopt;
  uint64_t reference = 0;
  uint32_t rate = 0;
  std::streamoff at = 12;
  for (int chunk = 0; chunk < kMaxChunks && (reference == 0 || rate == 0); ++chunk) {
    std::array<char, 8> tag{}, value{};
    if (!in.seekg(at) || !in.read(tag.data(), tag.size())) break;
    const std::string_view name(tag.data(), 4);
    const uint32_t size = number(tag.data() + 4);
    if (name == "fmt " && in.read(value.data(), value.size())) rate = number(value.data() + 4);
    if (name == "bext" && in.seekg(at + 8 + kTimeReference) &&
        in.read(value.data(), value.size())) {
      reference = number(value.data()) | uint64_t{number(value.data() + 4)} << 32;
    }
    in.clear();
    at += 8 + static_cast<std::streamoff>(size) + (size & 1);
  }
  if (reference == 0 || rate == 0) return std::nullopt;
  const double start_s = static_cast<double>(reference) / rate;
  return start_s < 2 * 86400.0 ? std::optional(start_s) : std::nullopt;
}

}  // namespace kuchi::audio
