// src/io/npy.h
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/matrix.h"

namespace kuchi::io {

/// What an NPY file says of itself (format versions 1 to 3, Python 2's `3295L` included).
struct NpyHeader {
  char kind = 'f';  // f float, i signed, u unsigned, b bool; U and S text where that is asked for
  int bytes = 4;    // of one value
  bool big_endian = false;
  bool fortran_order = false;
  std::vector<int64_t> shape;  // [] is one value
  int64_t values = 1;          // product of shape
  int64_t data_at = 0;         // offset of the first value in the file
};

/// Values in C order whatever the file's order.
template <typename T>
struct NpyArray {
  std::vector<int64_t> shape;
  std::vector<T> values;
};

/// UserError (data): no NPY file, malformed header, a type that is no plain number (pickled
/// objects, records, text, complex), or a file shorter than its shape. NPZ archives are refused.
NpyHeader read_npy_header(const std::filesystem::path& file);

/// The same of an NPY file in memory, such as an array of an NPZ; `file` is for messages. With
/// `text_too` an array of texts (U: UTF-32, S: bytes) is taken as well.
NpyHeader npy_header_of(std::string_view bytes, const std::filesystem::path& file,
                        bool text_too = false);
/// Its values as doubles, in C order; for plain numbers.
NpyArray<double> npy_values_of(std::string_view bytes, const NpyHeader& header);
/// Its texts, in C order, as UTF-8; for kinds U and S.
std::vector<std::string> npy_texts_of(std::string_view bytes, const NpyHeader& header);

/// Any plain number type → T (float or double). Sizes are checked against the file's length
/// before anything is allocated.
template <typename T>
NpyArray<T> read_npy(const std::filesystem::path& file);

/// [n] as [n, 1], or [rows, cols]; UserError (data) for any other shape.
Matrix read_npy_matrix(const std::filesystem::path& file);

/// What stands before an array's values in a file of NPY version 1, C order; `descr` such as "<f4".
std::string npy_head(const std::string& descr, std::span<const int64_t> shape);
/// An array as the bytes of an NPY file, such as an NPZ holds: `<f4`, `<f8`, and UTF-8 texts as
/// `<U` as wide as the longest. The shape [] is one value.
std::string npy_bytes(std::span<const int64_t> shape, std::span<const float> values);
std::string npy_bytes(std::span<const int64_t> shape, std::span<const double> values);
std::string npy_bytes(std::span<const int64_t> shape, std::span<const std::string> texts);

/// `<f4`, C order, NPY version 1, whole or not at all. values.size() is the product of shape.
void write_npy(const std::filesystem::path& file, std::span<const int64_t> shape,
               std::span<const float> values);
void write_npy(const std::filesystem::path& file, const Matrix& values);

}  // namespace kuchi::io
