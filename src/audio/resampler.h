// src/audio/resampler.h
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace kuchi::audio {

/// Band-limited resampling piece by piece; the pieces' borders change nothing.
class Resampler {
 public:
  /// Rates in Hz, their ratio within 1/256 … 256 (caller's contract).
  Resampler(int from_hz, int to_hz);
  ~Resampler();
  Resampler(const Resampler&) = delete;
  Resampler& operator=(const Resampler&) = delete;

  /// Appends to `out` what can be known so far.
  void add(std::span<const float> samples, std::vector<float>& out);
  /// Appends the rest: in all round(n · to / from) samples. Call once, last.
  void finish(std::vector<float>& out);

 private:
  struct State;
  void process(std::span<const float> samples, bool last, std::vector<float>& out);

  int from_hz_, to_hz_;
  int64_t taken_ = 0;  // samples in
  int64_t given_ = 0;  // samples out
  std::unique_ptr<State> state_;
};

}  // namespace kuchi::audio
