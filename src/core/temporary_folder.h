// src/core/temporary_folder.h
#pragma once

#include <filesystem>
#include <string_view>

namespace kuchi {

/// A new folder among the temporary files whose name begins so, which only this user can enter
/// (mkdtemp: no other can have guessed its name); removed at the end with all it holds. UserError
/// (environment) where none can be made.
class TemporaryFolder {
 public:
  explicit TemporaryFolder(std::string_view begin);
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace kuchi
