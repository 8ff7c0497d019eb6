#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "data/text_grid.h"

namespace kuchi::data {

/// A tier as subtitles (SubRip): a numbered block an interval, with "HH:MM:SS,mmm --> HH:MM:SS,mmm"
/// and its label. Intervals without a label, which are pauses, are left out, and so are points.
/// Blanks and line ends in labels become single blanks, so that no block falls apart.
std::string to_srt(const Tier& tier);

/// The inverse, of any program's SubRip file: UTF-8 or UTF-16 with a byte order mark, any line
/// ends, a point for the comma, blocks without a number or with another one than theirs, what
/// stands after the times (positions). An interval a block, named "phones", in the file's order;
/// a text of several lines is one with blanks between, a block without any text is a pause.
///
/// UserError (data) with file:line: no block at all, a line that is neither, times that are none or
/// run backwards, a block that begins before the one above has ended.
Tier read_srt(const std::filesystem::path& file);
/// The same of a text that is UTF-8; `file` is for messages.
Tier parse_srt(std::string_view text, const std::filesystem::path& file);

/// Whether its name is that of an SRT.
bool is_srt(const std::filesystem::path& file);

/// The phones of a sound of `heard_s` seconds, from its SRT or the tier of its TextGrid. UserError
/// (data): what the readers say, no such tier, labels that end more than half a second and 2 %
/// after the sound.
std::vector<Interval> read_phones(const std::filesystem::path& file, const std::string& tier,
                                  const std::filesystem::path& audio, double heard_s);

/// The tier that read_srt gives as phones of a sound of `end_s` seconds: what no block covers is a
/// pause, since to_srt leaves pauses out. UserError (data) for a label with a blank in it, such as
/// subtitles in the usual sense have: those are words, no phones.
Tier read_srt_phones(const std::filesystem::path& file, double end_s);

}  // namespace kuchi::data
