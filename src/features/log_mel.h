// src/features/log_mel.h
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "audio/audio.h"
#include "core/matrix.h"
#include "features/fft512.h"

namespace kuchi::features {

inline constexpr int kMels = 80;
inline constexpr int kHopSamples = 160;     // 10 ms
inline constexpr int kWindowSamples = 400;  // 25 ms
inline constexpr int kFft = 512;
inline constexpr double kHop_s = static_cast<double>(kHopSamples) / audio::kRate;
inline constexpr double kLogFloor = 1e-6;

/// Log-mel as design/models.md fixes it: frame k is centred at sample 160·k, zeros outside the
/// clip; periodic Hann of 400; power of a 512-point FFT; 80 triangular HTK-mel filters
/// (2595·log10(1 + f/700)) from 20 to 8000 Hz without area normalisation; ln(x + 1e-6).
/// samples at 16 kHz → [samples/160 + 1, 80]. Computed in double.
Matrix log_mel(std::span<const float> samples);

/// One row from its window, the samples from 160·k - 200 on with zeros outside the clip. Keeps what
/// it works with, so make one and use it often.
class LogMelRow {
 public:
  /// window [400] → row [80]
  void compute(std::span<const float> window, std::span<float> row);

 private:
  Fft512 fft_;
  std::array<double, Fft512::kSize> frame_{};  // beyond the window: zeros
  std::array<double, Fft512::kBins> power_{};
};

/// The filters themselves, [80, 257], for tests and for export.
const MatrixOf<double>& mel_filters();
/// The window, [400].
const std::array<double, kWindowSamples>& hann_window();

}  // namespace kuchi::features
