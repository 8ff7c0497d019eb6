#include "audio/flac.h"

#include <sndfile.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <vector>

#include "audio/pcm16.h"
#include "core/error.h"

namespace kuchi::audio {
namespace {

/// What libsndfile needs of a file: the encoder goes back at the end to fill in its header.
struct Memory {
  std::string bytes;
  size_t at = 0;
};

sf_count_t length(void* user) {
  return static_cast<sf_count_t>(static_cast<Memory*>(user)->bytes.size());
}

sf_count_t seek(sf_count_t offset, int whence, void* user) {
  auto& m = *static_cast<Memory*>(user);
  const auto from = whence == SEEK_SET   ? sf_count_t{0}
                    : whence == SEEK_CUR ? static_cast<sf_count_t>(m.at)
                                         : static_cast<sf_count_t>(m.bytes.size());
  m.at = static_cast<size_t>(std::max<sf_count_t>(0, from + offset));
  return static_cast<sf_count_t>(m.at);
}

sf_count_t read(void* data, sf_count_t count, void* user) {
  auto& m = *static_cast<Memory*>(user);
  if (m.at >= m.bytes.size()) return 0;
  const size_t n = std::min(static_cast<size_t>(count), m.bytes.size() - m.at);
  std::memcpy(data, m.bytes.data() + m.at, n);
  m.at += n;
  return static_cast<sf_count_t>(n);
}

sf_count_t write(const void* data, sf_count_t count, void* user) {
  auto& m = *static_cast<Memory*>(user);
  const auto n = static_cast<size_t>(count);
  if (m.bytes.size() < m.at + n) m.bytes.resize(m.at + n);
  std::memcpy(m.bytes.data() + m.at, data, n);
  m.at += n;
  return count;
}

sf_count_t tell(void* user) { return static_cast<sf_count_t>(static_cast<Memory*>(user)->at); }

}  // namespace

std::string flac(std::span<const float> samples, int rate_hz) {
  Memory memory;
  SF_VIRTUAL_IO io{length, seek, read, write, tell};
  SF_INFO sf{};
  sf.samplerate = rate_hz;
  sf.channels = 1;
  sf.format = SF_FORMAT_FLAC | SF_FORMAT_PCM_16;
  SNDFILE* out = sf_open_virtual(&io, SFM_WRITE, &sf, &memory);
  if (out == nullptr) {
    fail_environment(std::string("this machine's libsndfile cannot write FLAC: ") +
                     sf_strerror(nullptr));
  }
  std::vector<int16_t> pcm(samples.size());
  std::transform(samples.begin(), samples.end(), pcm.begin(), to_pcm16);
  const auto count = static_cast<sf_count_t>(pcm.size());
  const bool whole = sf_write_short(out, pcm.data(), count) == count;
  if (sf_close(out) != 0 || !whole) fail_environment("libsndfile could not encode FLAC");
  return std::move(memory.bytes);
}

}  // namespace kuchi::audio
