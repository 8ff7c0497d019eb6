// src/augment/wsola.h
#pragma once

#include <span>
#include <vector>

namespace kuchi::augment {

/// Speech `speed` times as fast at the same pitch: sample m of the result is what was at
/// m · speed, to within kWsolaReach samples (6.5 ms). n samples → round(n / speed).
/// Waveform similarity overlap-add, Verhelst & Roelands, ICASSP 1993: windows of 32 ms, half
/// overlapping, each taken from where it continues the one before best.
std::vector<float> wsola(std::span<const float> audio, double speed);
inline constexpr int kWsolaReach = 104;

}  // namespace kuchi::augment
