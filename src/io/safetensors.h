// src/io/safetensors.h
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "io/input_file.h"
#include "io/stored_tensor.h"

namespace kuchi::io {

/// One tensor to write: bytes in C order, little-endian; dtype as safetensors spells it
/// ("F32", "F64", "I64", "U8", "BOOL", "BF16", …).
struct TensorBytes {
  std::string name;
  std::string dtype;
  std::vector<int64_t> shape;
  std::span<const std::byte> bytes;
};

/// Writes the file whole or not at all. Tensors are laid out in the order given, the header
/// padded to 8 bytes, so that the same tensors give the same bytes.
void write_safetensors(const std::filesystem::path& file, const std::vector<TensorBytes>& tensors,
                       const std::map<std::string, std::string>& metadata);

/// What a file says of itself; the values stay in it.
struct SafetensorsIndex {
  std::vector<StoredTensor> tensors;  // by offset
  std::map<std::string, std::string> metadata;
};

/// A file read whole; every entry's span points into `buffer`.
struct Safetensors {
  std::vector<std::byte> buffer;
  std::vector<TensorBytes> tensors;  // by offset
  std::map<std::string, std::string> metadata;
  const TensorBytes* find(const std::string& name) const;
};

/// UserError (data): not a safetensors file, a header that lies (sizes, overlaps, gaps, unknown
/// types), truncated. Nothing is allocated on a header's word alone.
/// Format: u64 header length, JSON header, data (huggingface/safetensors README).
Safetensors read_safetensors(const std::filesystem::path& file);
/// The same, but of the header alone.
SafetensorsIndex read_safetensors_index(const InputFile& file);

/// Bytes a value of this dtype; 0 if unknown.
int64_t dtype_bytes(const std::string& dtype);

}  // namespace kuchi::io
