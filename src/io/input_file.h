// src/io/input_file.h
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>

namespace kuchi::io {

/// A file read at any place, a piece at a time, so that one larger than memory can be looked into.
/// Every read is checked against the file's size. Reading is safe from several threads.
class InputFile {
 public:
  /// UserError (data): no such file, no regular file, no permission.
  explicit InputFile(const std::filesystem::path& path);
  ~InputFile();
  InputFile(InputFile&& other) noexcept;
  InputFile(const InputFile&) = delete;
  InputFile& operator=(const InputFile&) = delete;
  InputFile& operator=(InputFile&&) = delete;

  const std::filesystem::path& path() const { return path_; }
  uint64_t size() const { return size_; }
  /// UserError (data) if the bytes are not all there.
  void read(uint64_t offset, std::span<std::byte> into) const;
  /// The same as text; nothing is allocated for bytes that are not there.
  std::string text(uint64_t offset, uint64_t bytes) const;

 private:
  std::filesystem::path path_;
  int fd_ = -1;
  uint64_t size_ = 0;
};

}  // namespace kuchi::io
