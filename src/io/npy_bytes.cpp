// Arrays as the bytes of an NPY file, for archives of several (NPZ).
#include <algorithm>
#include <cassert>
#include <cstring>

#include "core/text.h"
#include "io/npy.h"

namespace kuchi::io {
namespace {

std::string shape_words(std::span<const int64_t> shape) {
  std::string text = "(";
  for (size_t i = 0; i < shape.size(); ++i) text += cat(i > 0 ? ", " : "", shape[i]);
  return text + (shape.size() == 1 ? ",)" : ")");
}

template <typename T>
std::string with_values(std::string head, std::span<const T> values) {
  const auto at = head.size();
  head.resize(at + values.size_bytes());
  if (!values.empty()) std::memcpy(head.data() + at, values.data(), values.size_bytes());
  return head;
}

/// The code points of a UTF-8 text (RFC 3629); a byte that begins or continues none is U+FFFD.
std::u32string code_points(std::string_view text) {
  std::u32string out;
  for (size_t i = 0; i < text.size();) {
    const auto first = static_cast<unsigned char>(text[i++]);
    const int more = first < 0x80 ? 0 : first < 0xC2 ? -1 : first < 0xE0 ? 1 : first < 0xF0 ? 2 : 3;
    if (more < 0 || first > 0xF4) {
      out += U'\uFFFD';
      continue;
    }
    uint32_t point = more == 0 ? first : first & (0x3Fu >> more);
    int left = more;
    for (; left > 0 && i < text.size(); --left, ++i) {
      const auto next = static_cast<unsigned char>(text[i]);
      if ((next & 0xC0) != 0x80) break;
      point = point << 6 | (next & 0x3Fu);
    }
    const bool sound = left == 0 && point <= 0x10FFFF && (point < 0xD800 || point > 0xDFFF) &&
                       (more < 2 || point >= (more == 2 ? 0x800u : 0x10000u));  // none overlong
    out += sound ? static_cast<char32_t>(point) : U'\uFFFD';
  }
  return out;
}

}  // namespace

std::string npy_head(const std::string& descr, std::span<const int64_t> shape) {
  std::string text =
      cat("{'descr': '", descr, "', 'fortran_order': False, 'shape': ", shape_words(shape), ", }");
  constexpr size_t kBefore = 10, kAlignment = 64;  // magic, version, length; NumPy's alignment
  text.append((kAlignment - (kBefore + text.size() + 1) % kAlignment) % kAlignment, ' ');
  text += '\n';
  assert(text.size() < 65536);
  std::string head("\x93NUMPY\x01\x00", 8);
  head += static_cast<char>(text.size() & 255);
  head += static_cast<char>(text.size() >> 8);
  return head + text;
}

std::string npy_bytes(std::span<const int64_t> shape, std::span<const float> values) {
  return with_values(npy_head("<f4", shape), values);
}

std::string npy_bytes(std::span<const int64_t> shape, std::span<const double> values) {
  return with_values(npy_head("<f8", shape), values);
}

std::string npy_bytes(std::span<const int64_t> shape, std::span<const std::string> texts) {
  std::vector<std::u32string> points;
  size_t width = 1;  // NumPy has no text of width 0
  for (const auto& text : texts) {
    points.push_back(code_points(text));
    width = std::max(width, points.back().size());
  }
  std::u32string all;
  for (auto& text : points) {
    text.resize(width, U'\0');
    all += text;
  }
  return with_values(npy_head(cat("<U", width), shape), std::span<const char32_t>(all));
}

}  // namespace kuchi::io
