// src/curves/track.h
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "core/matrix.h"
#include "core/provenance.h"
#include "curves/drop_frame.h"
#include "curves/rig.h"

namespace kuchi::curves {

/// Curves as a file holds them: named columns and one time a row.
struct Track {
  std::string format;               // "npy", "livelink", "arkit", …
  std::vector<std::string> names;   // the file's own spelling
  std::vector<double> times_s;      // [rows], rising strictly, from 0
  Matrix values;                    // [rows, names]
  double fps = 0;                   // measured from the times: (rows - 1) / (last - first)
  int64_t repeated = 0;             // rows left out because their time was that of the row before
  Provenance provenance;            // where the format holds it and the file says it
  std::optional<double> start_s;    // of timecodes: the first row's, from midnight
  TimecodeClock clock;              // of timecodes: how they became seconds
  std::string visemes;              // the set whose weights these are (visemes.h); "": curves
  std::vector<std::string> unheld;  // curves for which the format has no place: at rest on a rig
};

struct ReadOptions {
  std::string format = "auto";       // or a name of formats()
  std::filesystem::path names_file;  // for formats without names (npy); empty: none
  double fps = 0;                    // for formats without times; 0: none given
};

/// Reads any known format; `auto` decides by content. UserError (data) with file:line:col where
/// there is one: unknown format, NaN or infinity, times that run back, no rows, ragged rows.
Track read_track(const std::filesystem::path& file, const ReadOptions& options = {});

/// What `auto` would read a file as, by its first bytes; "" where that is no known format, or the
/// file cannot be opened.
std::string format_of(const std::filesystem::path& file);

/// Picks the rig's curves by name, in the rig's order, values as they are (no clipping).
/// A rig curve the file lacks, but whose from_arkit names are all there, is computed; one that the
/// format never holds is at rest; otherwise UserError (data) naming the missing curve and the
/// nearest name that the file has. Weights of visemes become curves first (from_visemes).
Track on_rig(const Track& track, const Rig& rig, const std::filesystem::path& file_for_errors);

/// Values at t = j / fps for j in [0, frames): straight-line interpolation going up, band-limited
/// (windowed-sinc by time) going down; never past the ends (holds the first and last row).
/// A track already on that grid (every time within 1e-6 s of it) is returned untouched.
Matrix resample(const Track& track, double fps, int64_t frames);

struct WriteOptions {
  double fps = 30;
  std::string audio_name;  // where a format can name its audio
  bool force = false;
  Provenance provenance = {};  // for the formats that hold it; empty: none is written
};

/// Writes [frames, rig.size()] values in a named format ("livelink", "a2f", "npy", "csv" …),
/// whole or not at all. Formats that speak ARKit go through the rig's to_arkit expressions and
/// are clamped to [0, 1]; those of visemes hold weights (to_visemes). npy leaves FILE.names.txt
/// beside it.
void write_track(const std::filesystem::path& file, const std::string& format, const Rig& rig,
                 const Matrix& values, const WriteOptions& options);

/// FILE.names.txt: where the names of a file without are looked for.
std::filesystem::path names_beside(const std::filesystem::path& file);

/// The names of the formats that can be read / written, from the one visible list.
std::vector<std::string> readable_formats();
std::vector<std::string> writable_formats();
/// Whether files of a format have a place for a provenance; false for an unknown format, and for
/// a file whose ending makes a plain table of it.
bool holds_provenance(const std::string& format, const std::filesystem::path& file = {});
/// ".csv" …: what files of a format are usually called; "" for an unknown format.
std::string usual_ending(const std::string& format);

}  // namespace kuchi::curves
