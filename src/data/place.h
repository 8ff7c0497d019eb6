#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "curves/track.h"

namespace kuchi::data {

/// The take.json in the folder of a sound, which need not be there.
std::filesystem::path take_file(const std::filesystem::path& audio);

/// What the clocks of a sound and its curves say.
struct Clocks {
  std::optional<double> after_s;  // how long after its sound the capture begins; none: not said
  std::string trouble;            // a warning; "" where there is nothing to tell
};

/// The curves' timecodes against the sound's Broadcast Wave time reference or, where it has none,
/// against `startTimecode` of its take_file() (as Live Link Face writes it, in the frames of the
/// curves' timecodes). Nothing where one of both has no clock, and where by their clocks they have
/// nothing in common, which is the trouble: then the clocks were not set alike, and both are taken
/// to begin together.
Clocks begins_after_sound(const std::filesystem::path& audio, double audio_s,
                          const curves::Track& track);

}  // namespace kuchi::data
