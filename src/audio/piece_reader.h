// src/audio/piece_reader.h
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <vector>

#include "audio/audio.h"

namespace kuchi::audio {

/// What read() gives, piece by piece: mono at rate_hz, in [-1, 1]. Memory does not grow with the
/// file, and a header that lies about its size costs none.
class PieceReader {
 public:
  /// UserError as of read(): here what the header tells, later in next() what decoding finds.
  explicit PieceReader(const std::filesystem::path& file, int rate_hz = kRate,
                       double max_seconds = 6 * 3600);
  ~PieceReader();
  PieceReader(const PieceReader&) = delete;
  PieceReader& operator=(const PieceReader&) = delete;

  /// Replaces `samples` by those that follow, about a third of a second, at least one; false at the
  /// end, and from then on.
  bool next(std::vector<float>& samples);
  /// Seconds in all as the header has it; 0 where it does not say.
  double seconds() const;
  /// Seconds read so far.
  double seconds_read() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace kuchi::audio
