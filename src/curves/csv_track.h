// src/curves/csv_track.h
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "curves/track.h"

namespace kuchi::curves {

/// What a CSV's header line says. Columns count from 0.
struct CsvHeader {
  enum class Time { none, timecode, seconds, milliseconds, frame };
  Time time = Time::none;  // "Timecode" means timecode or, where the cells say so, seconds
  size_t time_column = 0;
  std::vector<size_t> curves;      // columns that hold curves
  std::vector<std::string> names;  // theirs, as spelled
  size_t columns = 0;              // of every row
};

/// The header of a text's first line; what says when or how many ("Timecode", "time", "frame",
/// "BlendshapeCount") is no curve. No curves and no time where the line is no header.
CsvHeader csv_header(const std::vector<std::string_view>& cells);
CsvHeader csv_header_of(std::string_view head);

/// Reads a CSV of one row a frame. Rows whose time repeats are dropped (the first is kept), gaps
/// are fine, midnight may pass in timecodes. Without a time column, or with frame numbers only,
/// options.fps gives the times. UserError (data) with file:line:col: ragged rows, cells that are
/// no finite number, time that runs back.
Track read_csv_track(const std::filesystem::path& file, const ReadOptions& options);

}  // namespace kuchi::curves
