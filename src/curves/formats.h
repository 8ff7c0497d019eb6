// src/curves/formats.h
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "curves/track.h"

namespace kuchi::curves {

/// How much of a file tells its format.
inline constexpr size_t kHeadBytes = 1 << 16;

/// What to do about a file without times; for messages.
inline constexpr std::string_view kGiveRate =
    "give its frames a second (--in-fps, --fps of inspect and score, or `fps` in a recipe)";

/// One curve format. A new one is a file with these functions and a line in formats.cpp.
struct Format {
  std::string_view name;
  /// Whether a file that begins so (kHeadBytes at most) is of this format; null: cannot be read.
  bool (*matches)(std::string_view head);
  /// Fills names, times_s (from any origin) and values; read_track checks and completes the rest.
  Track (*read)(const std::filesystem::path& file, const ReadOptions& options);
  /// values [frames, rig.size()], all finite; null: cannot be written.
  void (*write)(const std::filesystem::path& file, const Rig& rig, const Matrix& values,
                const WriteOptions& options);
  /// Whether the file has a place for WriteOptions::provenance that other readers pass over.
  bool holds_provenance = false;
  std::string_view ending = ".json";   // how its files are usually called
  std::string_view table_ending = "";  // with this one `write` makes a table, without a provenance
};

/// All formats, in the order in which `auto` tries them.
const std::vector<Format>& formats();

/// A file of names, one a line in the order of the columns, or an NPY array of texts; empty lines
/// and a byte order mark do not count. UserError (data): a name that is there twice, an array of
/// something else.
std::vector<std::string> read_names(const std::filesystem::path& file);

bool is_npy(std::string_view head);
Track read_npy_track(const std::filesystem::path& file, const ReadOptions& options);
void write_npy_track(const std::filesystem::path& file, const Rig& rig, const Matrix& values,
                     const WriteOptions& options);

bool is_npz(std::string_view head);
Track read_npz_track(const std::filesystem::path& file, const ReadOptions& options);
void write_npz_track(const std::filesystem::path& file, const Rig& rig, const Matrix& values,
                     const WriteOptions& options);

bool is_a2f(std::string_view head);
Track read_a2f(const std::filesystem::path& file, const ReadOptions& options);
void write_a2f(const std::filesystem::path& file, const Rig& rig, const Matrix& values,
               const WriteOptions& options);

bool is_a2f_frames(std::string_view head);
Track read_a2f_frames(const std::filesystem::path& file, const ReadOptions& options);
void write_a2f_frames(const std::filesystem::path& file, const Rig& rig, const Matrix& values,
                      const WriteOptions& options);

bool is_a2f_csv(std::string_view head);
Track read_a2f_csv(const std::filesystem::path& file, const ReadOptions& options);
void write_a2f_csv(const std::filesystem::path& file, const Rig& rig, const Matrix& values,
                   const WriteOptions& options);

bool is_beat(std::string_view head);
Track read_beat(const std::filesystem::path& file, const ReadOptions& options);
void write_beat(const std::filesystem::path& file, const Rig& rig, const Matrix& values,
                const WriteOptions& options);

bool is_mediapipe(std::string_view head);
Track read_mediapipe(const std::filesystem::path& file, const ReadOptions& options);
void write_mediapipe(const std::filesystem::path& file, const Rig& rig, const Matrix& values,
                     const WriteOptions& options);

bool is_talkinghead(std::string_view head);
Track read_talkinghead(const std::filesystem::path& file, const ReadOptions& options);
void write_talkinghead(const std::filesystem::path& file, const Rig& rig, const Matrix& values,
                       const WriteOptions& options);

bool is_azure(std::string_view head);
Track read_azure(const std::filesystem::path& file, const ReadOptions& options);
void write_azure(const std::filesystem::path& file, const Rig& rig, const Matrix& values,
                 const WriteOptions& options);

bool is_azure55(std::string_view head);
Track read_azure55(const std::filesystem::path& file, const ReadOptions& options);
void write_azure55(const std::filesystem::path& file, const Rig& rig, const Matrix& values,
                   const WriteOptions& options);

bool is_gltf(std::string_view head);
Track read_gltf(const std::filesystem::path& file, const ReadOptions& options);
void write_gltf(const std::filesystem::path& file, const Rig& rig, const Matrix& values,
                const WriteOptions& options);

bool is_oculus(std::string_view head);
Track read_oculus(const std::filesystem::path& file, const ReadOptions& options);
void write_oculus(const std::filesystem::path& file, const Rig& rig, const Matrix& values,
                  const WriteOptions& options);

bool is_vrm(std::string_view head);
Track read_vrm(const std::filesystem::path& file, const ReadOptions& options);
void write_vrm(const std::filesystem::path& file, const Rig& rig, const Matrix& values,
               const WriteOptions& options);

bool is_mpeg4(std::string_view head);
Track read_mpeg4(const std::filesystem::path& file, const ReadOptions& options);
void write_mpeg4(const std::filesystem::path& file, const Rig& rig, const Matrix& values,
                 const WriteOptions& options);

bool is_rhubarb(std::string_view head);
Track read_rhubarb(const std::filesystem::path& file, const ReadOptions& options);
void write_rhubarb(const std::filesystem::path& file, const Rig& rig, const Matrix& values,
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
/// Which of the 52 a rig gives, in kArkitNames' order.
std::vector<bool> gives_arkit(const Rig& rig);

/// Of to_arkit's columns those of the names, in their order; 0 for what is no ARKit curve.
Matrix arkit_columns(const Matrix& arkit, const std::vector<std::string>& names);

/// value in fixed notation or, with digits < 0, the shortest that reads back; locale-free.
std::string fixed_text(double value, int digits);

}  // namespace kuchi::curves
