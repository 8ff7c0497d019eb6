#pragma once

#include <filesystem>
#include <string>

namespace kuchi::io {

struct LockOptions {
  bool shared = false;     // others may hold it too that say so
  bool inherited = false;  // programs that this process starts hold it as well, until they end
  double wait_s = -1;      // how long to wait, then UserError (config) with `busy`; < 0: for ever
  std::string busy = {};   // what is wrong and what to do, where the wait has an end
};

/// Holds a file against other processes that ask for it too, until destroyed or the process ends.
/// The file is made where it is not, and stays. Says `waiting` once where it has to wait; an
/// interruption ends the wait (UserError, interrupted). UserError (environment) where the file
/// cannot be made. Where a file system knows no locks, nothing is held.
class FileLock {
 public:
  FileLock(const std::filesystem::path& file, const std::string& waiting,
           const LockOptions& options = {});
  ~FileLock();
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;

 private:
  int file_ = -1;
};

}  // namespace kuchi::io
