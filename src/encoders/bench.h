// src/encoders/bench.h
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "encoders/windows.h"

namespace kuchi::encoders {

/// Floating-point operations (a product and a sum are two) of the products in one clip's hidden
/// states: convolutions, linear layers, attention. Norms and activations are not counted.
double operations(const EncoderConfig& config, int64_t samples);

/// The fastest that packed products of this type run here, in operations a second: the median of
/// an encoder's own shapes, the best of them.
double product_peak(const EncoderConfig& config, bool bfloat16, int64_t repeats);

struct BenchCase {
  std::string name;             // "10 s", "mixed"
  std::vector<double> seconds;  // of each clip
  double median_ms = 0;         // of encoding them all
  double audio_s() const;
  double operations = 0;
  double audio_rate() const { return audio_s() / (median_ms / 1e3); }  // s of audio a second
  double rate() const { return operations / (median_ms / 1e3); }       // operations a second
};

/// Encodes noise with a frozen encoder and takes the time, after one round to warm up.
void measure(Encoder& encoder, BenchCase& one, int64_t repeats);

/// The same by windows, clip after clip, and how far the states then are from the whole clips':
/// the largest difference, and the root mean square of it as a share of the states'.
struct WindowedCase {
  BenchCase timed;
  double largest = 0, relative = 0;
};
WindowedCase measure_windowed(Encoder& encoder, const BenchCase& whole, const Windows& windows,
                              int64_t repeats);

/// Sixteen lengths from 2 to 15 s, drawn once: what a data set is like.
std::vector<double> mixed_lengths();

}  // namespace kuchi::encoders
