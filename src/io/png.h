// src/io/png.h
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace kuchi::io {

using Colour = std::array<uint8_t, 3>;  // red, green, blue

/// A picture of at most 256 colours: what a plot needs.
struct Picture {
  Picture(int64_t width, int64_t height, std::vector<Colour> palette);
  int64_t width, height;
  std::vector<Colour> palette;
  std::vector<uint8_t> pixels;  // [height, width], indices into the palette; 0 at first

  /// Nothing outside the picture is drawn.
  void set(int64_t x, int64_t y, uint8_t colour);
  /// A straight line of one pixel, ends included.
  void line(double x0, double y0, double x1, double y1, uint8_t colour);
};

/// The picture as a PNG file (ISO/IEC 15948). Its deflate stream knows literals and runs only (a
/// match at distance 1, fixed Huffman codes: RFC 1951), which is most of what there is in a plot.
std::string png(const Picture& picture);

}  // namespace kuchi::io
