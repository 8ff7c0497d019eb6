#include "io/event_file.h"

#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <fstream>

#include "core/error.h"
#include "core/text.h"
#include "io/atomic_file.h"
#include "io/crc.h"

namespace kuchi::io {
namespace fs = std::filesystem;
namespace {

double now_s() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

std::string little_endian(uint64_t value, int bytes) {
  std::string out;
  for (int i = 0; i < bytes; ++i) out.push_back(static_cast<char>(value >> (8 * i) & 255));
  return out;
}

/// TFRecord rotates and shifts its sums, so that a file of records may itself be a record.
std::string masked_sum(const std::string& bytes) {
  const uint32_t sum = crc32c(bytes);
  return little_endian((sum >> 15 | sum << 17) + 0xa282ead8U, 4);
}

/// TensorBoard takes files with "tfevents" in their name, oldest first by the number after it.
fs::path name_in(const fs::path& folder) {
  const auto started = static_cast<long long>(now_s());
  for (int i = 0;; ++i) {
    const auto file = folder / cat("events.out.tfevents.", started, ".kuchi.", getpid(), ".", i);
    std::error_code ec;
    if (!fs::exists(file, ec)) return file;
  }
}

}  // namespace

// Numbers of fields are those of tensorflow/core/util/event.proto and framework/summary.proto.
EventFile::EventFile(const fs::path& folder, int64_t from_step) {
  make_directories(folder);
  path_ = name_in(folder);
  ProtoMessage version;
  event(version, 0).text(3, "brain.Event:2");
  record(version);
  ProtoMessage started, log;
  log.integer(1, 1);  // SessionLog.START
  event(started, from_step).message(7, std::move(log));
  record(started);
}

ProtoMessage& EventFile::event(ProtoMessage& to, int64_t step) const {
  to.float64(1, now_s());
  to.integer(2, step);
  return to;
}

void EventFile::scalar(const std::string& tag, double value) {
  ProtoMessage one;
  one.text(1, tag);
  one.float32(2, static_cast<float>(value));
  summary_.message(1, std::move(one));
}

void EventFile::histogram(const std::string& tag, const Histogram& h) {
  ProtoMessage histo, one;
  histo.float64(1, h.min);
  histo.float64(2, h.max);
  histo.float64(3, h.count);
  histo.float64(4, h.sum);
  histo.float64(5, h.squares);
  histo.packed(6, h.limits);
  histo.packed(7, h.counts);
  one.text(1, tag);
  one.message(5, std::move(histo));
  summary_.message(1, std::move(one));
}

void EventFile::image(const std::string& tag, const Picture& picture) {
  constexpr int kColours = 3;
  ProtoMessage image, one;
  image.integer(1, picture.height);
  image.integer(2, picture.width);
  image.integer(3, kColours);
  image.text(4, png(picture));
  one.text(1, tag);
  one.message(4, std::move(image));
  summary_.message(1, std::move(one));
}

void EventFile::write(int64_t step) {
  ProtoMessage all;
  event(all, step).message(5, std::move(summary_));
  summary_ = {};
  record(all);
}

void EventFile::record(const ProtoMessage& event) {
  const auto data = event.to_string();
  const auto length = little_endian(data.size(), 8);
  errno = 0;
  std::ofstream out(path_, std::ios::binary | std::ios::app);
  out << length << masked_sum(length) << data << masked_sum(data) << std::flush;
  if (!out) fail_environment(path_.string() + ": writing failed", errno);
}

}  // namespace kuchi::io
