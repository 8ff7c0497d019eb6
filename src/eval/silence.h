// src/eval/silence.h
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "eval/clip.h"

namespace kuchi::eval {

/// Root mean square of the 25 ms of sound around each frame's time, [frames]; 0 past its end.
std::vector<double> frame_levels(std::span<const float> audio, double audio_hz, double fps,
                                 int64_t frames);

/// Which of a clip's frames are silent, [frames]: level (25 ms window around the frame's time) at
/// least 40 dB under the clip's 95th percentile, for at least 200 ms on end. Empty where the clip
/// has no audio. Frames past the end of the audio have no sound in them.
std::vector<bool> silent_frames(std::span<const float> audio, double audio_hz, double fps,
                                int64_t frames);
std::vector<bool> silent_frames(const ClipResult& clip);

}  // namespace kuchi::eval
