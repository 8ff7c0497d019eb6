#pragma once

#include <span>
#include <string>

#include "audio/audio.h"

namespace kuchi::audio {

/// A FLAC file (16 bits, mono) in memory, as every browser plays it. Clips at ±1. At least one
/// sample, or there is no file. UserError (environment) where the machine's libsndfile was built
/// without FLAC.
std::string flac(std::span<const float> samples, int rate_hz = kRate);

}  // namespace kuchi::audio
