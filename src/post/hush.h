// src/post/hush.h
#pragma once

#include <cstdint>
#include <deque>
#include <span>
#include <vector>

namespace kuchi::post {

/// How far the mouth may move, frame by frame, from 1 (as predicted) to 0 (at rest): after
/// `after_s` of silence it goes down to 0 in `ease_s`, smoothly, and with the next sound up again
/// within 0.1 s. A frame is silent where the 25 ms of sound before its time are 40 dB under the
/// loudest so far, which is forgotten by 1 dB in 5 s. Only what was heard before a frame counts,
/// so that a live stream and a whole file give the same.
class Hush {
 public:
  Hush(double fps, double after_s, double ease_s);
  /// The samples that follow, 16 kHz.
  void hear(std::span<const float> samples);
  /// The next frame's share in [0, 1]. What was not heard by its time is taken as silence.
  double next();

 private:
  int64_t end_of(int64_t frame) const;  // samples before a frame's time
  double level(int64_t frame) const;
  void follow(double level);

  double fps_, after_s_, ease_s_;
  std::vector<float> tail_;  // samples from tail_begin_ on
  int64_t tail_begin_ = 0, heard_ = 0;
  int64_t measured_ = 0;       // frames whose level is known
  std::deque<double> levels_;  // of frames that next() has not asked for yet
  double loudest_ = 0, silent_s_ = 0, share_ = 1;
};

}  // namespace kuchi::post
