#include "io/npy.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <fstream>

#include "core/error.h"
#include "core/text.h"
#include "core/utf8.h"
#include "io/atomic_file.h"

namespace kuchi::io {
namespace fs = std::filesystem;
namespace {

static_assert(std::endian::native == std::endian::little);

constexpr int64_t kPieceValues = 8192;

/// IEEE 754 binary16 → double.
double from_half(uint16_t bits) {
  const int exponent = (bits >> 10) & 31;
  const int fraction = bits & 1023;
  const double sign = (bits & 0x8000) != 0 ? -1 : 1;
  if (exponent == 31) return fraction != 0 ? std::nan("") : sign * INFINITY;
  if (exponent == 0) return sign * std::ldexp(fraction, -24);
  return sign * std::ldexp(1024 + fraction, exponent - 25);
}

template <typename T>
double load(const unsigned char* bytes) {
  T value;
  std::memcpy(&value, bytes, sizeof value);
  return static_cast<double>(value);
}

double load_half(const unsigned char* bytes) {
  uint16_t bits;
  std::memcpy(&bits, bytes, sizeof bits);
  return from_half(bits);
}

double load_bool(const unsigned char* bytes) { return *bytes != 0 ? 1 : 0; }

using Load = double (*)(const unsigned char*);

Load loader_of(const NpyHeader& header) {
  switch (header.kind) {
    case 'f':
      return header.bytes == 2 ? load_half : header.bytes == 4 ? load<float> : load<double>;
    case 'i':
      return header.bytes == 1   ? load<int8_t>
             : header.bytes == 2 ? load<int16_t>
             : header.bytes == 4 ? load<int32_t>
                                 : load<int64_t>;
    case 'u':
      return header.bytes == 1   ? load<uint8_t>
             : header.bytes == 2 ? load<uint16_t>
             : header.bytes == 4 ? load<uint32_t>
                                 : load<uint64_t>;
    default:
      return load_bool;
  }
}

/// Adds the numbers of bytes as a file holds them; bytes.size() is a multiple of their width.
template <typename T>
void append_values(std::string_view bytes, const NpyHeader& header, std::vector<T>& values) {
  const Load load_value = loader_of(header);
  const auto width = static_cast<size_t>(header.bytes);
  std::array<unsigned char, 8> turned{};
  for (size_t at = 0; at < bytes.size(); at += width) {
    const auto* value = reinterpret_cast<const unsigned char*>(bytes.data()) + at;
    if (header.big_endian) {
      std::reverse_copy(value, value + width, turned.begin());
      value = turned.data();
    }
    values.push_back(static_cast<T>(load_value(value)));
  }
}

/// Fortran order has the first index run fastest; ours the last.
template <typename T>
std::vector<T> to_c_order(const std::vector<T>& values, const std::vector<int64_t>& shape) {
  std::vector<T> out(values.size());
  std::vector<int64_t> index(shape.size(), 0);
  for (const T& value : values) {
    int64_t place = 0;
    for (size_t d = 0; d < shape.size(); ++d) place = place * shape[d] + index[d];
    out[static_cast<size_t>(place)] = value;
    for (size_t d = 0; d < shape.size() && ++index[d] == shape[d]; ++d) index[d] = 0;
  }
  return out;
}

std::string shape_text(std::span<const int64_t> shape) {
  std::string text = "(";
  for (size_t i = 0; i < shape.size(); ++i) text += cat(i > 0 ? ", " : "", shape[i]);
  return text + (shape.size() == 1 ? ",)" : ")");
}

}  // namespace

NpyArray<double> npy_values_of(std::string_view bytes, const NpyHeader& header) {
  const auto count = static_cast<size_t>(header.values);
  NpyArray<double> array;
  array.shape = header.shape;
  array.values.reserve(count);
  append_values(
      bytes.substr(static_cast<size_t>(header.data_at), count * static_cast<size_t>(header.bytes)),
      header, array.values);
  if (header.fortran_order && header.shape.size() > 1) {
    array.values = to_c_order(array.values, header.shape);
  }
  return array;
}

std::vector<std::string> npy_texts_of(std::string_view bytes, const NpyHeader& header) {
  const auto width = static_cast<size_t>(header.bytes);
  std::vector<std::string> texts;
  for (size_t i = 0; i < static_cast<size_t>(header.values); ++i) {
    const auto field = bytes.substr(static_cast<size_t>(header.data_at) + i * width, width);
    std::string text;
    if (header.kind == 'S') {
      text = std::string(field.substr(0, field.find('\0')));
    } else {
      for (size_t c = 0; c + 4 <= field.size(); c += 4) {
        uint32_t point = 0;
        for (size_t b = 0; b < 4; ++b) {
          const size_t from = header.big_endian ? 3 - b : b;
          point |= uint32_t{static_cast<uint8_t>(field[c + from])} << (8 * b);
        }
        if (point == 0) break;
        append_utf8(text, point);
      }
    }
    texts.push_back(std::move(text));
  }
  if (header.fortran_order && header.shape.size() > 1) texts = to_c_order(texts, header.shape);
  return texts;
}

template <typename T>
NpyArray<T> read_npy(const fs::path& file) {
  const NpyHeader header = read_npy_header(file);
  std::ifstream in(file, std::ios::binary);
  in.seekg(header.data_at);

  NpyArray<T> array;
  array.shape = header.shape;
  array.values.reserve(static_cast<size_t>(header.values));
  std::string piece(static_cast<size_t>(kPieceValues * header.bytes), '\0');
  for (int64_t done = 0; done < header.values;) {
    const int64_t count = std::min(kPieceValues, header.values - done);
    const auto bytes = static_cast<size_t>(count * header.bytes);
    if (!in.read(piece.data(), static_cast<std::streamsize>(bytes))) {
      fail_data(file, "cannot be read to its end; check the disk");
    }
    append_values(std::string_view(piece).substr(0, bytes), header, array.values);
    done += count;
  }
  if (header.fortran_order && header.shape.size() > 1) {
    array.values = to_c_order(array.values, header.shape);
  }
  return array;
}

template NpyArray<float> read_npy<float>(const fs::path&);
template NpyArray<double> read_npy<double>(const fs::path&);

Matrix read_npy_matrix(const fs::path& file) {
  auto array = read_npy<float>(file);
  if (array.shape.size() != 1 && array.shape.size() != 2) {
    fail_data(file, cat("has shape ", shape_text(array.shape), "; (rows, columns) is needed"));
  }
  Matrix matrix;
  matrix.rows = array.shape[0];
  matrix.cols = array.shape.size() == 2 ? array.shape[1] : 1;
  matrix.data = std::move(array.values);
  return matrix;
}

void write_npy(const fs::path& file, std::span<const int64_t> shape,
               std::span<const float> values) {
  write_atomically(file, [&](std::ostream& out) {
    out << npy_head("<f4", shape);
    out.write(reinterpret_cast<const char*>(values.data()),
              static_cast<std::streamsize>(values.size_bytes()));
  });
}

void write_npy(const fs::path& file, const Matrix& values) {
  const int64_t shape[] = {values.rows, values.cols};
  write_npy(file, shape, values.data);
}

}  // namespace kuchi::io
