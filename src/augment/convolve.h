// src/augment/convolve.h
#pragma once

#include <span>
#include <vector>

namespace kuchi::augment {

/// The first n samples of n samples of audio convolved with an impulse response of at least one
/// sample: causal, no delay of its own. Overlap-add by fast Fourier transforms in double, two
/// blocks a transform (one as real part, one as imaginary part).
std::vector<float> convolve(std::span<const float> audio, std::span<const float> response);

}  // namespace kuchi::augment
