#include "io/inflate.h"

#define ZLIB_CONST  // it reads its input only
#include <zlib.h>

#include <algorithm>
#include <array>

namespace kuchi::io {

std::optional<std::string> inflate(std::string_view packed, uint64_t bytes) {
  z_stream stream{};
  if (inflateInit2(&stream, -MAX_WBITS) != Z_OK) return std::nullopt;  // raw: no zlib header
  constexpr size_t kPiece = size_t{1} << 16;
  std::array<char, kPiece> piece;
  std::string out;  // grows by what is there, not by what was promised
  int status = Z_OK;
  while (status == Z_OK) {
    if (stream.avail_in == 0) {
      const auto next = std::min(packed.size(), size_t{1} << 30);  // zlib counts in 32 bits
      stream.next_in = reinterpret_cast<const Bytef*>(packed.data());
      stream.avail_in = static_cast<uInt>(next);
      packed.remove_prefix(next);
    }
    stream.next_out = reinterpret_cast<Bytef*>(piece.data());
    stream.avail_out = static_cast<uInt>(piece.size());
    status = ::inflate(&stream, Z_NO_FLUSH);
    out.append(piece.data(), piece.size() - stream.avail_out);
    if (out.size() > bytes) break;
  }
  inflateEnd(&stream);
  if (status != Z_STREAM_END || out.size() != bytes) return std::nullopt;
  return out;
}

}  // namespace kuchi::io
