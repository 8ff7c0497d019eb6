// src/encoders/shapes.h
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "encoders/config.h"

namespace kuchi::encoders {

/// Every tensor of an encoder by transformers' name without prefix, the positional convolution's
/// weight norm folded, and its shape: what a file must hold, known before anything is allocated.
using Shapes = std::vector<std::pair<std::string, std::vector<int64_t>>>;
Shapes tensor_shapes(const EncoderConfig& config);

/// Weights in all of them.
int64_t value_count(const EncoderConfig& config);

}  // namespace kuchi::encoders
