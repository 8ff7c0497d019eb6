// src/audio/wav_header.h
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

namespace kuchi::audio {

/// What a RIFF/WAVE, RIFX or RF64 file says of its sound, and what the file holds of it.
struct WavHeader {
  uint64_t promised_bytes = 0;  // size of the data chunk as written
  uint64_t present_bytes = 0;   // bytes of the file after the chunk's head
  uint64_t data_at = 0;         // offset of the first sample
  uint32_t frame_bytes = 0;     // block align; 0 where frames have no fixed size (ADPCM …)
  bool found_data = false;
  bool big_endian = false;
  /// The size was never filled in: written to a pipe, or the recorder died.
  bool open_ended = false;

  bool cut_short() const { return found_data && !open_ended && promised_bytes > present_bytes; }
};

/// Walks the chunks; nothing where the file is no WAVE. Reads some bytes a chunk, never the sound.
/// libsndfile mends a wrong size silently, so that only this tells a truncated file.
std::optional<WavHeader> read_wav_header(const std::filesystem::path& file);

}  // namespace kuchi::audio
