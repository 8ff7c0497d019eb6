#include "io/input_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "core/error.h"
#include "core/text.h"

namespace kuchi::io {

InputFile::InputFile(const std::filesystem::path& path) : path_(path) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);  // a pipe would block
  if (fd < 0) {
    fail_data(path, errno == ENOENT || errno == ENOTDIR
                        ? "no such file"
                        : cat("cannot be opened: ", std::strerror(errno)));
  }
  struct stat status = {};
  if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode)) {
    close(fd);
    fail_data(path, "is no file that can be read at any place");
  }
  fd_ = fd;
  size_ = static_cast<uint64_t>(status.st_size);
}

InputFile::~InputFile() {
  if (fd_ >= 0) close(fd_);
}

InputFile::InputFile(InputFile&& other) noexcept
    : path_(std::move(other.path_)), fd_(std::exchange(other.fd_, -1)), size_(other.size_) {}

void InputFile::read(uint64_t offset, std::span<std::byte> into) const {
  if (offset > size_ || into.size() > size_ - offset) {
    fail_data(path_, cat("ends at byte ", size_, ", before all of it was read; copy it again"));
  }
  constexpr size_t kPiece = size_t{1} << 30;  // Linux reads no more than 2 GiB at once
  for (size_t done = 0; done < into.size();) {
    const auto got = pread(fd_, into.data() + done, std::min(into.size() - done, kPiece),
                           static_cast<off_t>(offset + done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) fail_data(path_, cat("cannot be read: ", std::strerror(errno)));
    if (got == 0) fail_data(path_, "became shorter while it was read; copy it again");
    done += static_cast<size_t>(got);
  }
}

std::string InputFile::text(uint64_t offset, uint64_t bytes) const {
  if (offset > size_ || bytes > size_ - offset) read(size_ + 1, {});
  std::string out(bytes, '\0');
  read(offset, std::as_writable_bytes(std::span(out)));
  return out;
}

}  // namespace kuchi::io
