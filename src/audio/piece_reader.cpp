#include "audio/piece_reader.h"

#include <algorithm>
#include <cmath>
#include <span>

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

/// Returns how far they reach.
float clip_to_full_scale(std::vector<float>& samples) {
  float peak = 0;
  for (float& x : samples) {
    peak = std::max(peak, std::abs(x));
    x = std::clamp(x, -1.0f, 1.0f);
  }
  return peak;
}

}  // namespace

struct PieceReader::State {
  State(const std::filesystem::path& path, int rate_hz, double most_s)
      : file(path),
        sound(path),
        resampler(sound.info().rate, rate_hz),
        rate(rate_hz),
        max_seconds(most_s),
        piece(static_cast<size_t>(kPieceFrames * sound.info().channels)) {}

  /// Appends what the next piece of the file gives, perhaps nothing; false at its end.
  bool take(std::vector<float>& samples) {
    const int64_t got = sound.read(piece);
    if (got == 0) return false;
    const int channels = sound.info().channels;
    mix_down(std::span(piece).first(static_cast<size_t>(got * channels)), channels, frames, file,
             mono);
    frames += got;
    if (static_cast<double>(frames) > max_seconds * sound.info().rate) {
      fail_data(file, cat("is longer than ", clock_text(max_seconds), "; cut it into pieces"));
    }
    resampler.add(mono, samples);
    return true;
  }

  /// What the resampler still owes, and a last word on the whole.
  void end(std::vector<float>& samples) {
    ended = true;
    if (frames == 0) fail_data(file, "holds no samples; record or copy it again");
    resampler.finish(samples);
    if (given + samples.size() == 0) {
      fail_data(file,
                cat("holds ", frames, " samples, less than one at ", rate, " Hz; leave it out"));
    }
  }

  std::filesystem::path file;
  SoundFile sound;
  Resampler resampler;
  int rate;
  double max_seconds;
  std::vector<float> piece, mono;
  int64_t frames = 0;  // read of the file
  size_t given = 0;    // samples
  float peak = 0;
  bool ended = false;
};

PieceReader::PieceReader(const std::filesystem::path& file, int rate_hz, double max_seconds)
    : state_(std::make_unique<State>(file, rate_hz, max_seconds)) {}
PieceReader::~PieceReader() = default;

bool PieceReader::next(std::vector<float>& samples) {
  auto& s = *state_;
  samples.clear();
  while (samples.empty() && !s.ended) {
    if (!s.take(samples)) s.end(samples);
  }
  s.given += samples.size();
  s.peak = std::max(s.peak, clip_to_full_scale(samples));
  if (s.ended && s.peak > kLoudest) {
    warn(cat(s.file.string(), ": samples reach ", number(s.peak, 4),
             " where 1 is full scale: clipped; scale the file down if it sounds distorted"));
    s.peak = 0;  // once
  }
  return !samples.empty();
}

double PieceReader::seconds() const { return std::max(0.0, state_->sound.info().seconds()); }

double PieceReader::seconds_read() const {
  return static_cast<double>(state_->frames) / state_->sound.info().rate;
}

}  // namespace kuchi::audio
