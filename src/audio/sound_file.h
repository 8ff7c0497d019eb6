// src/audio/sound_file.h
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>

#include "audio/audio.h"

namespace kuchi::audio {

/// An opened sound file whose header was found plausible. Internal to the room.
class SoundFile {
 public:
  /// UserError (data): missing, a directory, empty, no audio, cut short, absurd rate or channels.
  explicit SoundFile(const std::filesystem::path& file);
  ~SoundFile();
  SoundFile(const SoundFile&) = delete;
  SoundFile& operator=(const SoundFile&) = delete;

  /// frames is what the header says; -1 where it does not say.
  const Info& info() const { return info_; }
  /// Interleaved samples of up to buffer.size() / channels frames; returns the frames read, 0 at
  /// the end. UserError (data) where decoding fails, or the end comes before the header's.
  int64_t read(std::span<float> buffer);
  /// Frames a channel found by going to the end; at most a decoded file's cost, flat in memory.
  int64_t count_frames();
  /// Whether the container's frame count is only an estimate (MPEG without an index).
  bool count_is_estimate() const;

 private:
  struct State;
  void describe();
  [[noreturn]] void fail_cut_short(int64_t frames) const;

  std::filesystem::path file_;
  Info info_;
  int64_t frames_read_ = 0;
  std::unique_ptr<State> state_;
};

}  // namespace kuchi::audio
