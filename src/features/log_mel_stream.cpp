#include "features/log_mel_stream.h"

#include <algorithm>

namespace kuchi::features {

Matrix LogMelStream::push(std::span<const float> samples) {
  held_.insert(held_.end(), samples.begin(), samples.end());
  samples_ += static_cast<int64_t>(samples.size());
  const auto held = static_cast<int64_t>(held_.size());
  return rows(held < kWindowSamples ? 0 : (held - kWindowSamples) / kHopSamples + 1);
}

Matrix LogMelStream::finish() {
  const int64_t owed = samples_ / kHopSamples + 1 - next_;
  held_.resize(static_cast<size_t>(owed * kHopSamples + kWindowSamples), 0.0F);
  return rows(owed);
}

Matrix LogMelStream::rows(int64_t count) {
  Matrix out(count, kMels);
  for (int64_t k = 0; k < count; ++k) {
    row_.compute(std::span(held_).subspan(static_cast<size_t>(k * kHopSamples), kWindowSamples),
                 out.row(k));
  }
  held_.erase(held_.begin(), held_.begin() + count * kHopSamples);
  next_ += count;
  return out;
}

}  // namespace kuchi::features
