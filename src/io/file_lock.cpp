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

FileLock::FileLock(const std::filesystem::path& file, const std::string& waiting,
                   const LockOptions& options) {
  make_directories(file.parent_path());
  file_ = open(file.c_str(), O_RDWR | O_CREAT | (options.inherited ? 0 : O_CLOEXEC), 0644);
  if (file_ < 0) fail_environment(file.string() + ": cannot be written", errno);
  const double began_s = monotonic_s();
  bool told = false;
  while (flock(file_, (options.shared ? LOCK_SH : LOCK_EX) | LOCK_NB) != 0 &&
         errno == EWOULDBLOCK) {
    const bool too_long = options.wait_s >= 0 && monotonic_s() - began_s > options.wait_s;
    if (interrupted() || too_long) {
      close(file_);
      check_interrupt();
      throw UserError(Exit::config, options.busy);
    }
    if (!told) note(waiting);
    told = true;
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
}

FileLock::~FileLock() { close(file_); }

}  // namespace kuchi::io
