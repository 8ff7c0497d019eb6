#pragma once

#include <string>

#include "data/text_grid.h"

namespace kuchi::data {

/// A tier as subtitles (SubRip): a numbered block an interval, with "HH:MM:SS,mmm --> HH:MM:SS,mmm"
/// and its label. Intervals without a label, which are pauses, are left out, and so are points.
/// Blanks and line ends in labels become single blanks, so that no block falls apart.
std::string to_srt(const Tier& tier);

}  // namespace kuchi::data
