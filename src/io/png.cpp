#include "io/png.h"

#include <algorithm>
#include <cmath>

#include "io/crc.h"

namespace kuchi::io {
namespace {

void append_big_endian(std::string& to, uint32_t value) {
  for (int shift = 24; shift >= 0; shift -= 8)
    to.push_back(static_cast<char>(value >> shift & 255));
}

/// Bits as deflate packs them, lowest first; Huffman codes come highest bit first.
class BitWriter {
 public:
  void bits(uint32_t value, int count) {
    for (int i = 0; i < count; ++i) bit(value >> i & 1);
  }
  void code(uint32_t value, int count) {
    for (int i = count - 1; i >= 0; --i) bit(value >> i & 1);
  }
  std::string finish() {
    while (filled_ != 0) bit(0);
    return std::move(bytes_);
  }

 private:
  void bit(uint32_t value) {
    held_ |= value << filled_;
    if (++filled_ < 8) return;
    bytes_.push_back(static_cast<char>(held_));
    held_ = 0;
    filled_ = 0;
  }
  std::string bytes_;
  uint32_t held_ = 0;
  int filled_ = 0;
};

/// A symbol of the fixed literal and length alphabet (RFC 1951, 3.2.6).
void symbol(BitWriter& out, int value) {
  const auto v = static_cast<uint32_t>(value);
  if (value < 144) return out.code(0x30 + v, 8);
  if (value < 256) return out.code(0x190 + v - 144, 9);
  if (value < 280) return out.code(v - 256, 7);
  out.code(0xc0 + v - 280, 8);
}

constexpr int kEnd = 256, kShortest = 3, kLongest = 258;

/// A match of 3 … 258 bytes at distance 1.
void run(BitWriter& out, int length) {
  constexpr std::array<int, 29> kBase = {3,  4,  5,  6,   7,   8,   9,   10,  11, 13,
                                         15, 17, 19, 23,  27,  31,  35,  43,  51, 59,
                                         67, 83, 99, 115, 131, 163, 195, 227, 258};
  constexpr std::array<int, 29> kExtra = {0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2,
                                          2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0};
  const auto after = std::upper_bound(kBase.begin(), kBase.end(), length);
  const auto i = static_cast<size_t>(after - kBase.begin() - 1);
  symbol(out, 257 + static_cast<int>(i));
  out.bits(static_cast<uint32_t>(length - kBase[i]), kExtra[i]);
  out.code(0, 5);  // distance 1
}

std::string zlib_stream(const std::string& bytes) {
  BitWriter out;
  out.bits(0x0178, 16);  // zlib: deflate, a window of 32 KiB, no dictionary (RFC 1950)
  out.bits(1, 1);        // the last block
  out.bits(1, 2);        // fixed codes
  for (size_t i = 0; i < bytes.size();) {
    size_t same = 0;
    while (i > 0 && i + same < bytes.size() && same < kLongest && bytes[i + same] == bytes[i - 1]) {
      ++same;
    }
    if (same >= kShortest) {
      run(out, static_cast<int>(same));
      i += same;
    } else {
      symbol(out, static_cast<uint8_t>(bytes[i++]));
    }
  }
  symbol(out, kEnd);
  std::string stream = out.finish();
  append_big_endian(stream, adler32(bytes));
  return stream;
}

void chunk(std::string& to, const std::string& type, const std::string& data) {
  append_big_endian(to, static_cast<uint32_t>(data.size()));
  to += type + data;
  append_big_endian(to, crc32(type + data));
}

}  // namespace

Picture::Picture(int64_t w, int64_t h, std::vector<Colour> colours)
    : width(w), height(h), palette(std::move(colours)), pixels(static_cast<size_t>(w * h), 0) {}

void Picture::set(int64_t x, int64_t y, uint8_t colour) {
  if (x < 0 || y < 0 || x >= width || y >= height) return;
  pixels[static_cast<size_t>(y * width + x)] = colour;
}

void Picture::line(double x0, double y0, double x1, double y1, uint8_t colour) {
  const double steps = std::max({std::abs(x1 - x0), std::abs(y1 - y0), 1.0});
  for (double i = 0; i <= steps; ++i) {
    set(std::llround(x0 + (x1 - x0) * i / steps), std::llround(y0 + (y1 - y0) * i / steps), colour);
  }
}

std::string png(const Picture& picture) {
  std::string header, palette, rows;
  append_big_endian(header, static_cast<uint32_t>(picture.width));
  append_big_endian(header, static_cast<uint32_t>(picture.height));
  header += std::string("\x08\x03\x00\x00\x00", 5);  // 8 bits, palette, not interlaced
  for (const auto& colour : picture.palette) palette.append(colour.begin(), colour.end());
  for (int64_t y = 0; y < picture.height; ++y) {
    rows.push_back(0);  // no filter
    const auto row = picture.pixels.begin() + y * picture.width;
    rows.append(row, row + picture.width);
  }
  std::string out("\x89PNG\r\n\x1a\n", 8);
  chunk(out, "IHDR", header);
  chunk(out, "PLTE", palette);
  chunk(out, "IDAT", zlib_stream(rows));
  chunk(out, "IEND", "");
  return out;
}

}  // namespace kuchi::io
