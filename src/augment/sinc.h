// src/augment/sinc.h
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace kuchi::augment {

/// Audio read at places 0, step, 2 · step, … (`count` of them), between its samples by a windowed
/// sinc of 16 samples a side; what is above half the new rate is filtered out. Zeros outside.
/// 0.25 <= step <= 4.
std::vector<float> read_at_steps(std::span<const float> audio, double step, int64_t count);

}  // namespace kuchi::augment
