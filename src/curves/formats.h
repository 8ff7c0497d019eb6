// src/curves/formats.h
#pragma once

#include <filesystem>
#include <string_view>
#include <vector>

#include "curves/track.h"

namespace kuchi::curves {

/// One curve format. A new one is a file with these functions and a line in formats.cpp.
struct Format {
  std::string_view name;
  /// Whether a file that begins so (its first 64 KiB) is of this format; null: cannot be read.
  bool (*matches)(std::string_view head);
  /// Fills names, times_s (from any origin) and values; read_track checks and completes the rest.
  Track (*read)(const std::filesystem::path& file, const ReadOptions& options);
  /// values [frames, rig.size()], all finite; null: cannot be written.
  void (*write)(const std::filesystem::path& file, const Rig& rig, const Matrix& values,
                const WriteOptions& options);
  /// Whether the file has a place for WriteOptions::provenance that other readers pass over.
  bool holds_provenance = false;
};

/// All formats, in the order in which `auto` tries them.
const std::vector<Format>& formats();

bool is_npy(std::string_view head);
Track read_npy_track(const std::filesystem::path& file, const ReadOptions& options);
void write_npy_track(const std::filesystem::path& file, const Rig& rig, const Matrix& values,
                     const WriteOptions& options);

bool is_a2f(std::string_view head);
Track read_a2f(const std::filesystem::path& file, const ReadOptions& options);
void write_a2f(const std::filesystem::path& file, const Rig& rig, const Matrix& values,
               const WriteOptions& options);

bool is_livelink(std::string_view head);
Track read_livelink(const std::filesystem::path& file, const ReadOptions& options);
void write_livelink(const std::filesystem::path& file, const Rig& rig, const Matrix& values,
                    const WriteOptions& options);

bool is_arkit_csv(std::string_view head);
Track read_arkit_csv(const std::filesystem::path& file, const ReadOptions& options);

bool is_csv(std::string_view head);
Track read_csv(const std::filesystem::path& file, const ReadOptions& options);
void write_csv(const std::filesystem::path& file, const Rig& rig, const Matrix& values,
               const WriteOptions& options);

/// Values of the 52 ARKit curves in kArkitNames' order, clamped to [0, 1]: [frames, 52]. From the
/// rig's to_arkit, else its curve of that name, else 0. UserError (config) if it gives none.
Matrix to_arkit(const Rig& rig, const Matrix& values);

/// value in fixed notation or, with digits < 0, the shortest that reads back; locale-free.
std::string fixed_text(double value, int digits);

}  // namespace kuchi::curves
