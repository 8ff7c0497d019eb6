#include "io/file_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <thread>

#include "core/error.h"
#include "core/interrupt.h"
#include "core/log.h"
#include "io/atomic_file.h"

namespace kuchi::io {

FileLock::FileLock(const std::filesystem::path& file, const std::string& waiting) {
  make_directories(file.parent_path());
  file_ = open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (file_ < 0) fail_environment(file.string() + ": cannot be written", errno);
  bool told = false;
  while (flock(file_, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
    if (interrupted()) {
      close(file_);
      check_interrupt();
    }
    if (!told) note(waiting);
    told = true;
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
}

FileLock::~FileLock() { close(file_); }

}  // namespace kuchi::io
