// src/augment/take.h
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/matrix.h"
#include "core/random.h"

namespace kuchi::augment {

/// What one change did, for whoever wants to know: {"room", 0.31, "s"}.
struct Drawn {
  std::string change;
  double value = 0;
  std::string unit;
};

/// A stretch of a clip under change: audio with curves at times in it.
struct Take {
  std::vector<float> audio;  // [samples], 16 kHz
  double first_s = 0;        // frame j is at first_s + j · step_s after the first sample;
  double step_s = 0;         //   what is before and after the frames is context
  Matrix curves;             // [frames, curves]
  double speech_rms = 0;     // of the whole clip where somebody speaks, see speech_rms()
  double speed = 1;          // to be spoken so many times as fast, as draw_speed() said
  std::vector<Drawn> drawn;  // what was done, in order

  double frame_s(int64_t j) const { return first_s + static_cast<double>(j) * step_s; }
};

/// What changes know beside the take; the same for a whole training.
struct Scene {
  std::vector<float> rest;      // [curves] the rig's pose at rest
  std::vector<int64_t> mirror;  // [curves] the curve across the midline; itself if central
  std::vector<std::vector<float>> noises, rooms;  // from files, 16 kHz
  std::string files_key;                          // names the content of those files
};

/// What all draws for a take depend on. Each change has a stream of its own: that one is switched
/// on or off does not change what the others draw.
struct Key {
  uint64_t seed = 0, epoch = 0, place = 0;  // place: clip and where in it
  Stream stream(const char* change) const;
};

/// RMS over the 20 ms frames that are at most 30 dB under the loudest one; 0 for silence.
double speech_rms(const std::vector<float>& audio);

}  // namespace kuchi::augment
