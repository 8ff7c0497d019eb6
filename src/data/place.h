#pragma once

#include <filesystem>
#include <optional>

#include "curves/track.h"

namespace kuchi::data {

/// How many seconds after its sound a capture begins, by clocks: the curves' timecodes against the
/// sound's Broadcast Wave time reference or, where it has none, against `startTimecode` of a
/// take.json in its folder (as Live Link Face writes it, in the frames of the curves' timecodes).
/// Nothing where one of both has no clock, and where by their clocks they have nothing in common,
/// which is told: then the clocks were not set alike, and both are taken to begin together.
std::optional<double> begins_after_sound(const std::filesystem::path& audio, double audio_s,
                                         const curves::Track& track);

}  // namespace kuchi::data
