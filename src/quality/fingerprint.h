#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/matrix.h"
#include "curves/rig.h"

namespace kuchi::quality {

/// Sound as one word of 32 bits each 11.6 ms: which of two neighbouring bands of 300 to 2000 Hz
/// gained energy against the other since the word before. Survives other codecs, rates and levels.
/// J. Haitsma, T. Kalker: A Highly Robust Audio Fingerprinting System, ISMIR 2002; windows of 0.37
/// s.
std::vector<uint32_t> sound_words(std::span<const float> audio);  // 16 kHz

/// Curves at ten frames a second, each brought to mean 0 and deviation 1: [frames, rig.size()]; a
/// curve that does not move, or that the clip lacks, is 0.
Matrix curve_shape(const Matrix& values, std::span<const double> times_s, double fps);

/// Two clips that hold the same thing.
struct Same {
  size_t a = 0, b = 0;   // places in the lists given, a < b
  double shift_s = 0;    // b's begin in a, in seconds
  double share = 0;      // of the shorter one that both hold, 0 to 1
  double agreement = 0;  // share of equal bits, or correlation
};

/// Clips with the same sound, whole or a part of at least 3 s: words that two share vote for a
/// shift, and at the best one at least 72 % of the bits over the part that both hold agree (unlike
/// sounds agree in half of them; the paper's bound is 65 % over 3 s).
std::vector<Same> same_sounds(const std::vector<std::vector<uint32_t>>& clips);

/// Clips of about one length (within 5 % or 0.3 s) whose shapes correlate from `least` on, shifted
/// by up to 0.3 s. Those that hardly move in any curve are left out.
std::vector<Same> same_curves(const std::vector<Matrix>& shapes, double least);

}  // namespace kuchi::quality
