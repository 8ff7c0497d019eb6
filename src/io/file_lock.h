#pragma once

#include <filesystem>
#include <string>

namespace kuchi::io {

/// Holds a file against other processes that ask for it too, until destroyed or the process ends.
/// The file is made where it is not, and stays. Waits as long as it takes, and says `waiting` once
/// where it has to; an interruption ends the wait (UserError, interrupted). UserError (environment)
/// where the file cannot be made. Where a file system knows no locks, nothing is held.
class FileLock {
 public:
  FileLock(const std::filesystem::path& file, const std::string& waiting);
  ~FileLock();
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;

 private:
  int file_ = -1;
};

}  // namespace kuchi::io
