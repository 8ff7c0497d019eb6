#pragma once

#include <filesystem>

namespace kuchi::audio {

/// Whether a file's first bytes are those of a film or of sound that libsndfile does not read, and
/// ffmpeg does: MP4, M4A and MOV, Matroska and WebM, AAC in ADTS.
bool needs_ffmpeg(const std::filesystem::path& file);

/// Decodes the first sound track of such a file with the `ffmpeg` that is found in PATH, as a
/// process of its own: no library of it is linked. Gives a WAV (16 bit, the track's own rate and
/// channels) in `folder`, one of the caller's for nothing else. UserError (environment): no ffmpeg,
/// no space; (data): no sound in the file, or what ffmpeg says of it; (interrupted).
std::filesystem::path decode_with_ffmpeg(const std::filesystem::path& file,
                                         const std::filesystem::path& folder);

}  // namespace kuchi::audio
