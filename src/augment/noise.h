// src/augment/noise.h
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/random.h"

namespace kuchi::augment {

/// Noise of RMS 1, [samples]. `kind`:
///   white   a flat spectrum
///   pink    3 dB less an octave, 60 to 8000 Hz (a sum of first-order low-passes, an octave apart)
///   babble  six artificial voices: pulses at a speaker's pitch through two formants that change
///           with every syllable
std::vector<float> make_noise(const std::string& kind, int64_t samples, Stream& stream);

/// The faint noise of a microphone where nobody speaks, white or pink, at a drawn 35 to 60 dB
/// under speech of this RMS; a fixed -75 dBFS where there was none.
std::vector<float> noise_floor(double speech_rms, int64_t samples, Stream& stream);

double rms(const std::vector<float>& audio);  // 0 of none
void scale(std::vector<float>& audio, double factor);

}  // namespace kuchi::augment
