// src/train/stopwatch.h
#pragma once

#include <array>
#include <cstdint>
#include <nlohmann/json.hpp>

namespace kuchi::train {

/// What a training's time goes to. `exchange`: waiting for the other processes' gradients.
enum class Phase { data, forward, backward, exchange, step, validation, checkpoint, other };
constexpr std::array<const char*, 8> kPhaseNames = {"data", "forward",    "backward",   "exchange",
                                                    "step", "validation", "checkpoint", "other"};

/// Shares the time since its making, or the last restart, out among phases. On a GPU the host's
/// time, which runs ahead of the device's: forward and backward are then what it takes to ask for
/// them, and the wait stands where a number is first needed (step).
class Stopwatch {
 public:
  Stopwatch() { restart(); }
  void restart();
  /// The time since the last lap went to this.
  void lap(Phase phase);
  double seconds(Phase phase) const { return spent_[static_cast<size_t>(phase)]; }
  double total_s() const;

  /// Counts what an update took.
  void count(int64_t frames) { frames_ += frames, ++steps_; }
  /// Counts a batch's frames beside what they are padded to.
  void count_padding(int64_t frames, int64_t padded) { own_ += frames, padded_ += padded; }
  /// {"frames_per_s", "audio_per_s" (seconds of clips a second), "step_ms", "share": {phase: of 1},
  ///  "padding" (share of this process's padded frames that are none), "memory_mb" (resident, and
  ///  its peak), "gpu_memory_mb"}; rates are of the training alone,
  /// without validation and checkpoints. gpu < 0: none.
  nlohmann::json json(double fps, int gpu) const;

 private:
  std::array<double, kPhaseNames.size()> spent_{};
  double lapped_s_ = 0;
  int64_t frames_ = 0, steps_ = 0;
  int64_t own_ = 0, padded_ = 0;
};

}  // namespace kuchi::train
