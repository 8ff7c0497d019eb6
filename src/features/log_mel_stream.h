// src/features/log_mel_stream.h
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "features/log_mel.h"

namespace kuchi::features {

/// log_mel() of a clip that is still coming. However it is cut into pieces, all rows together are
/// those of log_mel() on the whole clip, bit for bit. Keeps one window of samples.
class LogMelStream {
 public:
  /// The samples that follow, 16 kHz → [rows, 80]: rows whose window has been heard out.
  Matrix push(std::span<const float> samples);
  /// No more will come → [rows, 80], those whose windows reach beyond the end. The last call.
  Matrix finish();
  /// Samples heard so far.
  int64_t samples() const { return samples_; }

 private:
  Matrix rows(int64_t count);

  LogMelRow row_;
  // From the start of the next row's window on; before the clip there are zeros.
  std::vector<float> held_ = std::vector<float>(kWindowSamples / 2, 0.0F);
  int64_t next_ = 0;  // row
  int64_t samples_ = 0;
};

}  // namespace kuchi::features
