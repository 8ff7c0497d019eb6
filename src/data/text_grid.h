// src/data/text_grid.h
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace kuchi::data {

struct Interval {
  std::string label;
  double begin_s = 0, end_s = 0;  // a point has both alike
};

/// A tier of intervals that tile it, or of points.
struct Tier {
  std::string name;
  bool points = false;
  std::vector<Interval> intervals;  // in order of time, none over another
};

/// Praat's TextGrid: labels over time.
struct TextGrid {
  double begin_s = 0, end_s = 0;
  std::vector<Tier> tiers;
};

/// Praat's long and short text form alike (manual, "TextGrid file formats": free-standing numbers,
/// quoted texts and <exists> count, all else is for people), in UTF-8 or UTF-16 with a byte order
/// mark. UserError (data) with file:line: another kind of file, Praat's binary form, another
/// encoding, a file that ends too early, times that run backwards, intervals that overlap.
TextGrid read_text_grid(const std::filesystem::path& file);
/// The same of a text that is UTF-8; `file` is for messages.
TextGrid parse_text_grid(std::string_view text, const std::filesystem::path& file);

/// The long text form of one tier of intervals, from 0 to its end; what the intervals leave
/// uncovered is covered by empty ones, as Praat asks. UTF-8.
std::string to_text_grid(const Tier& tier);
/// The tier with an empty interval wherever there is none, from 0 to end_s.
Tier with_pauses(const Tier& tier, double end_s);

/// The interval tier of that name. UserError (data): none, with those that there are.
const Tier& interval_tier(const TextGrid& grid, const std::string& name,
                          const std::filesystem::path& file);

}  // namespace kuchi::data
