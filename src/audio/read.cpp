#include "audio/audio.h"
#include "audio/piece_reader.h"
#include "audio/sound_file.h"
#include "core/error.h"

namespace kuchi::audio {

Info probe(const std::filesystem::path& file) {
  SoundFile sound(file);
  Info info = sound.info();
  // Codecs may promise what they do not hold; raw samples were compared with the file's size.
  const bool raw = info.container == "WAV" || info.container == "RF64";
  if (info.frames < 0 || !raw) info.frames = sound.count_frames();
  if (info.frames == 0) fail_data(file, "holds no samples; record or copy it again");
  return info;
}

std::vector<float> read(const std::filesystem::path& file, int rate_hz, double max_seconds) {
  PieceReader reader(file, rate_hz, max_seconds);
  std::vector<float> samples;
  for (std::vector<float> piece; reader.next(piece);) {
    samples.insert(samples.end(), piece.begin(), piece.end());
  }
  return samples;
}

}  // namespace kuchi::audio
