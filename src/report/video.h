#pragma once

#include <filesystem>
#include <string_view>

#include "report/video_frames.h"

namespace kuchi::report {

inline constexpr int kVideoSmallest = 128, kVideoLargest = 4096;  // pixels, each way

/// "960x540" into width and height. UserError (config): no such text, odd numbers, too small or
/// large.
void set_size(VideoOptions& options, std::string_view text);

/// Before the work, what would make it useless. UserError (config): a name that is no MP4's.
void check_video_name(const std::filesystem::path& file);

/// Writes the page's first clip as a video, whole or not at all: MP4, H.264 and AAC (48 kHz, mono),
/// made by the `ffmpeg` that is found in PATH as a process of its own; no library of it is linked.
/// audio is the file that the clip's sound was read from, read again for its higher rate. Shows
/// progress. UserError (data): a rig that gives no mouth; (environment): no ffmpeg, no space, or
/// what ffmpeg says; (interrupted).
void write_video(const std::filesystem::path& file, const Page& page,
                 const std::filesystem::path& audio, const VideoOptions& options);

}  // namespace kuchi::report
