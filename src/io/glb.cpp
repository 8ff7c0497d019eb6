#include "io/glb.h"

#include <bit>
#include <cstdint>
#include <cstring>
#include <limits>

#include "core/error.h"
#include "core/text.h"

namespace kuchi::io {
namespace {

// glTF 2.0, section 4.4: a header of 12 bytes, then chunks of length, kind, data.
static_assert(std::endian::native == std::endian::little, "GLB is little-endian");
constexpr uint32_t kMagic = 0x46546C67;  // "glTF"
constexpr uint32_t kJson = 0x4E4F534A;   // "JSON"
constexpr uint32_t kBin = 0x004E4942;    // "BIN\0"
constexpr size_t kHeader = 12, kChunkHeader = 8;

uint32_t word(std::string_view bytes, size_t at) {
  uint32_t out = 0;
  std::memcpy(&out, bytes.data() + at, sizeof out);
  return out;
}

void put(std::string& out, uint32_t value) {
  out.append(reinterpret_cast<const char*>(&value), sizeof value);
}

void put_chunk(std::string& out, uint32_t kind, const std::string& data, char padding) {
  const size_t padded = (data.size() + 3) / 4 * 4;
  put(out, static_cast<uint32_t>(padded));
  put(out, kind);
  out += data;
  out.append(padded - data.size(), padding);
}

}  // namespace

bool is_glb(std::string_view head) { return head.starts_with("glTF"); }

Glb parse_glb(std::string_view bytes, const std::filesystem::path& file) {
  if (bytes.size() < kHeader + kChunkHeader || word(bytes, 0) != kMagic) {
    fail_data(file, cat("is no whole GLB: ", bytes.size(), " bytes; export it again"));
  }
  if (word(bytes, 4) != 2) {
    fail_data(file, cat("is GLB version ", word(bytes, 4), "; export it as glTF 2.0"));
  }
  if (word(bytes, 8) != bytes.size()) {
    fail_data(file, cat("says it has ", word(bytes, 8), " bytes, ", bytes.size(),
                        " are there; export or copy it again"));
  }
  Glb glb;
  size_t chunk = 0;
  for (size_t at = kHeader; at < bytes.size(); ++chunk) {
    if (bytes.size() - at < kChunkHeader || word(bytes, at) % 4 != 0 ||
        word(bytes, at) > bytes.size() - at - kChunkHeader) {
      fail_data(file, cat("chunk ", chunk, " does not fit into the file; export it again"));
    }
    const auto data = bytes.substr(at + kChunkHeader, word(bytes, at));
    const uint32_t kind = word(bytes, at + 4);
    if ((chunk == 0) != (kind == kJson) || (kind == kBin && chunk != 1)) {
      fail_data(file, cat("chunk ", chunk, " is in the wrong place: JSON comes first, then BIN; ",
                          "export it again"));
    }
    if (kind == kJson) glb.json = data;
    if (kind == kBin) glb.bytes = data;
    at += kChunkHeader + data.size();
  }
  return glb;
}

std::string glb_file(const Glb& glb) {
  std::string chunks;
  put_chunk(chunks, kJson, glb.json, ' ');
  if (!glb.bytes.empty()) put_chunk(chunks, kBin, glb.bytes, '\0');
  if (chunks.size() > std::numeric_limits<uint32_t>::max() - kHeader) {
    throw UserError(Exit::data, "more than a GLB can hold (4 GiB); write fewer frames at once");
  }
  std::string out;
  put(out, kMagic);
  put(out, 2);
  put(out, static_cast<uint32_t>(kHeader + chunks.size()));
  return out + chunks;
}

}  // namespace kuchi::io
