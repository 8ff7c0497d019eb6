// src/audio/audio.h
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace kuchi::audio {

inline constexpr int kRate = 16000;  // Hz: what every model hears

struct Info {
  int rate = 0;
  int channels = 0;
  int64_t frames = 0;  // samples a channel
  double seconds() const { return rate > 0 ? static_cast<double>(frames) / rate : 0; }
  std::string container;  // "WAV", "FLAC", …
  std::string encoding;   // "Signed 16 bit PCM", …
};

/// What the header says, checked against the file. UserError (data) if it is no audio.
Info probe(const std::filesystem::path& file);

/// Any container, rate and channel count → mono at rate_hz, in [-1, 1]. Channels are averaged.
/// UserError (data): not readable, truncated against its header, no samples, NaN or infinity,
/// longer than max_seconds. Reads in pieces: a header that lies about its size costs no memory.
std::vector<float> read(const std::filesystem::path& file, int rate_hz = kRate,
                        double max_seconds = 6 * 3600);

/// Mono 16-bit WAV, whole or not at all. Clips at ±1.
void write_wav(const std::filesystem::path& file, std::span<const float> samples,
               int rate_hz = kRate);

/// Band-limited resampling by libsamplerate (best sinc). n samples → round(n · to / from).
std::vector<float> resample(std::span<const float> samples, int from_hz, int to_hz);

}  // namespace kuchi::audio
