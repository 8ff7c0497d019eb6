#pragma once

#include <filesystem>
#include <optional>

namespace kuchi::audio {

/// Seconds from midnight to a recording's first sample, as a Broadcast Wave file says in its `bext`
/// chunk (EBU Tech 3285, 2.3: TimeReference, a sample count). Nothing for other files, and where it
/// is 0, which recorders write that have no clock.
std::optional<double> bwf_start_s(const std::filesystem::path& file);

}  // namespace kuchi::audio
