#include <sndfile.h>

#include <algorithm>
#include <memory>

#include "audio/audio.h"
#include "audio/pcm16.h"
#include "core/error.h"
#include "io/atomic_file.h"

namespace kuchi::audio {
namespace {

struct Close {
  void operator()(SNDFILE* handle) const { sf_close(handle); }
};

}  // namespace

void write_wav(const std::filesystem::path& file, std::span<const float> samples, int rate_hz) {
  io::write_path_atomically(file, [&](const std::filesystem::path& path) {
    SF_INFO sf{};
    sf.samplerate = rate_hz;
    sf.channels = 1;
    sf.format = SF_FORMAT_WAV | SF_FORMAT_PCM_16;
    const std::unique_ptr<SNDFILE, Close> out(sf_open(path.c_str(), SFM_WRITE, &sf));
    if (!out) fail_environment(file.string() + ": cannot write here: " + sf_strerror(nullptr));

    int16_t piece[4096];
    for (size_t at = 0; at < samples.size(); at += std::size(piece)) {
      const auto part = samples.subspan(at, std::min(std::size(piece), samples.size() - at));
      std::transform(part.begin(), part.end(), piece, to_pcm16);
      const auto count = static_cast<sf_count_t>(part.size());
      if (sf_write_short(out.get(), piece, count) != count) {
        fail_environment(file.string() + ": writing failed: " + sf_strerror(out.get()));
      }
    }
    sf_write_sync(out.get());
  });
}

}  // namespace kuchi::audio
