#include <algorithm>
#include <cmath>
#include <utility>

#include "audio/audio.h"
#include "audio/resampler.h"
#include "audio/sound_file.h"
#include "core/error.h"
#include "core/log.h"
#include "core/text.h"

namespace kuchi::audio {
namespace {

constexpr int64_t kPieceFrames = 16384;
constexpr float kLoudest = 1.5f;  // above full scale by more than codecs overshoot: worth a word

/// Averages interleaved frames; UserError where a sample is no number.
void mix_down(std::span<const float> interleaved, int channels, int64_t first_frame,
              const std::filesystem::path& file, std::vector<float>& mono) {
  const size_t frames = interleaved.size() / static_cast<size_t>(channels);
  mono.resize(frames);
  for (size_t i = 0; i < frames; ++i) {
    double sum = 0;
    for (int c = 0; c < channels; ++c) {
      sum += interleaved[i * static_cast<size_t>(channels) + static_cast<size_t>(c)];
    }
    if (!std::isfinite(sum)) {
      fail_data(file, cat("sample ", first_frame + static_cast<int64_t>(i),
                          " is NaN or infinite; export the file again"));
    }
    mono[i] = static_cast<float>(sum / channels);
  }
}

void clip_to_full_scale(std::vector<float>& samples, const std::filesystem::path& file) {
  float peak = 0;
  for (float& x : samples) {
    peak = std::max(peak, std::abs(x));
    x = std::clamp(x, -1.0f, 1.0f);
  }
  if (peak > kLoudest) {
    warn(cat(file.string(), ": samples reach ", number(peak, 4),
             " where 1 is full scale: clipped; scale the file down if it sounds distorted"));
  }
}

}  // namespace

Info probe(const std::filesystem::path& file) {
  SoundFile sound(file);
  Info info = sound.info();
  // Codecs may promise what they do not hold; raw samples were compared with the file's size.
  const bool raw = info.container == "WAV" || info.container == "RF64";
  if (info.frames < 0 || !raw) info.frames = sound.count_frames();
  if (info.frames == 0) fail_data(file, "holds no samples; record or copy it again");
  return info;
}

std::vector<float> read(const std::filesystem::path& file, int rate_hz, double max_seconds) {
  SoundFile sound(file);
  const Info& info = sound.info();
  Resampler resampler(info.rate, rate_hz);
  std::vector<float> samples, mono;
  std::vector<float> piece(static_cast<size_t>(kPieceFrames * info.channels));
  int64_t frames = 0;
  while (const int64_t got = sound.read(piece)) {
    const auto values = static_cast<size_t>(got * info.channels);
    mix_down(std::span(piece).first(values), info.channels, frames, file, mono);
    frames += got;
    if (static_cast<double>(frames) > max_seconds * info.rate) {
      fail_data(file, cat("is longer than ", clock_text(max_seconds), "; cut it into pieces"));
    }
    resampler.add(mono, samples);
  }
  if (frames == 0) fail_data(file, "holds no samples; record or copy it again");
  resampler.finish(samples);
  if (samples.empty()) {
    fail_data(file,
              cat("holds ", frames, " samples, less than one at ", rate_hz, " Hz; leave it out"));
  }
  clip_to_full_scale(samples, file);
  return samples;
}

}  // namespace kuchi::audio
