// src/synth/voice.h
#pragma once

#include <cstdint>
#include <vector>

#include "synth/acoustics.h"

namespace kuchi::synth {

inline constexpr int kAudioRate = 16000;  // Hz

/// Where the voice's randomness (jitter and noise) comes from.
struct NoiseKey {
  uint64_t seed = 0;
  uint64_t clip = 0;
};

/// Cascade formant synthesis after Klatt (1980), Software for a cascade/parallel formant
/// synthesizer: a voicing source (KLGLOTT-like pulse with jitter) and aspiration go through a
/// nasal pole and zero and five resonators; frication goes beside them through two bands.
/// Sample i depends on controls up to i / kAudioRate only. Not scaled to a loudness.
std::vector<double> speak(const ControlTrack& controls, const Speaker& speaker, int64_t samples,
                          const NoiseKey& key);

}  // namespace kuchi::synth
