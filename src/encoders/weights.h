// src/encoders/weights.h
#pragma once

#include <ATen/core/Tensor.h>

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "io/input_file.h"
#include "io/stored_tensor.h"

namespace kuchi::encoders {

/// The files that hold a directory's weights, in order: model.safetensors, else the shards that
/// model.safetensors.index.json lists, else pytorch_model.bin, else its shards: transformers'
/// order. UserError (data): none of them, an index that leaves the directory or names a missing
/// shard.
std::vector<std::filesystem::path> weight_files(const std::filesystem::path& directory);

/// What is in those files by the names they have there; the values stay in the files.
class Weights {
 public:
  struct Entry {
    size_t file;
    io::StoredTensor tensor;
  };

  /// UserError (data): as the readers say; a tensor that two files hold.
  explicit Weights(const std::filesystem::path& directory);

  const std::map<std::string, Entry>& entries() const { return entries_; }
  const std::filesystem::path& path(const Entry& entry) const { return files_[entry.file].path(); }
  uint64_t bytes() const;  // of all files

  /// Reads the values into a float32 tensor on the CPU of the same shape. UserError (data): a dtype
  /// that is no float of 16, 32 or 64 bits; a value that is not finite.
  void read_into(const at::Tensor& target, const Entry& entry) const;

 private:
  std::vector<io::InputFile> files_;
  std::map<std::string, Entry> entries_;
};

/// UserError (data) unless it is a dtype that read_into() takes.
void check_dtype(const std::filesystem::path& file, const io::StoredTensor& tensor);

}  // namespace kuchi::encoders
