#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "features/features.h"

namespace kuchi::features {

/// features.window on an encoder's own clock, in its states and samples.
///
/// States are made in blocks of `step`. Those of block i, step · i … step · (i + 1) - 1, are all of
/// one encoding: of the sound that ends `ahead` states after the block's last one, and begins
/// `length` states before that end (or with the clip). Which sound a state hears follows from its
/// number alone, so that a clip is encoded alike whether all of it is there or it is still coming.
struct StateWindows {
  int64_t length = 0, ahead = 0, step = 0;  // states; step + ahead <= length
  int64_t hop = 0, receptive = 0;           // samples from state to state, and that a state hears

  /// How many states a clip of so many samples has; one, with silence after it, if it is too short
  /// (or empty: as base_frames(), there is always one).
  int64_t states(int64_t samples) const;
  /// So many samples must have come before state k is known, of a clip that goes on.
  int64_t known_at(int64_t k) const;
};
/// Of options of kind encoder with a window, and with what is known of the encoder.
StateWindows state_windows(const Options& options);

/// base_frames() of a clip that is still coming, for an encoder under features.window: the same
/// encodings, whatever the pieces. Keeps a window of samples.
class StateStream {
 public:
  /// std::logic_error without a window, or for an encoder that is not attached.
  explicit StateStream(const Options& options);
  /// The samples that follow, 16 kHz → [rows, base_dim]: blocks that are known now
  Matrix push(std::span<const float> samples);
  /// No more will come → [rows, base_dim], those still owed. The last call.
  Matrix finish();
  int64_t samples() const { return samples_; }

 private:
  int64_t first_state() const;
  Matrix block(int64_t count, int64_t end);
  void forget();

  StateWindows windows_;
  int64_t dim_;
  std::shared_ptr<const Source> source_;
  std::vector<float> held_;  // samples that a later block hears
  int64_t begin_ = 0;        // number of the first of them
  int64_t next_ = 0;         // state
  int64_t samples_ = 0;
};

}  // namespace kuchi::features
