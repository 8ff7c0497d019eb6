// Folders of takes as people have them, tiny: for the tests of recipes and of `kuchi init`.
#pragma once

#include <cmath>
#include <filesystem>
#include <string>
#include <vector>

#include "curves/track.h"
#include "data/fixture.h"

namespace kuchi::test {

/// Curves that move as a mouth does, [frames, rig.size()], inside each curve's range.
inline Matrix mouth_moves(const curves::Rig& rig, int64_t frames, uint64_t seed, double fps = 30) {
  Matrix m(frames, rig.size());
  Stream draw(seed, "test.mouth");
  for (int64_t c = 0; c < m.cols; ++c) {
    const auto& curve = rig.curves[static_cast<size_t>(c)];
    const double hz = draw.uniform(0.7, 4), phase = draw.uniform(0, 6.28);
    for (int64_t t = 0; t < frames; ++t) {
      const double wave = 0.5 + 0.4 * std::sin(6.2832 * hz * static_cast<double>(t) / fps + phase);
      m(t, c) = static_cast<float>(curve.low + (curve.high - curve.low) * wave);
    }
  }
  return m;
}

inline void put_audio(const fs::path& file, double seconds, uint64_t seed) {
  fs::create_directories(file.parent_path());
  audio::write_wav(file, tone(static_cast<int64_t>(seconds * 16000), seed));
}

/// A file of a named format on the rig `arkit`.
inline void put_curves(const fs::path& file, const std::string& format, double seconds, double fps,
                       uint64_t seed, const std::string& rig_name = "arkit") {
  fs::create_directories(file.parent_path());
  const auto rig = curves::load_rig(rig_name);
  curves::WriteOptions how;
  how.fps = fps;
  how.force = true;
  const auto frames = static_cast<int64_t>(std::lround(seconds * fps));
  curves::write_track(file, format, rig, mouth_moves(rig, frames, seed, fps), how);
}

/// SPEAKER/NN.wav and SPEAKER/NN.csv of Live Link Face at 60 fps.
inline void live_link_takes(const fs::path& root, int takes = 3,
                            const std::vector<std::string>& speakers = {"anna", "ben", "cem",
                                                                        "dora"}) {
  uint64_t seed = 1;
  for (const auto& speaker : speakers) {
    for (int i = 1; i <= takes; ++i, ++seed) {
      const fs::path take = root / speaker / cat("0", i);
      put_audio(take.string() + ".wav", 2, seed);
      put_curves(take.string() + ".csv", "livelink", 2, 60, seed);
    }
  }
}

/// Live Link Face's own folders: DATE_SLATE_N/SLATE_N_iPhone.csv, take.json and what else it
/// leaves.
inline void live_link_folders(const fs::path& root, const std::string& sound_ending = ".wav") {
  for (int i = 1; i <= 4; ++i) {
    const fs::path dir = root / cat("20240501_Slate_", i);
    const std::string name = cat("Slate_", i, "_iPhone");
    put_audio(dir / (name + sound_ending), 2, static_cast<uint64_t>(i));
    put_curves(dir / (name + ".csv"), "livelink", 2, 60, static_cast<uint64_t>(i));
    write(dir / "take.json",
          "{\"version\": 4, \"slate\": \"Slate\", \"startTimecode\": \"00:00:00:00\"}");
    write(dir / "frame_log.csv", "V,1,0.0,false\nV,2,0.1,false\n");
  }
}

/// As BEAT lies: N/N_NAME_KIND_FROM_TO.wav and .json, 60 fps.
inline void beat_tree(const fs::path& root) {
  uint64_t seed = 1;
  for (const char* speaker : {"1_wayne", "2_scott", "3_solomon"}) {
    for (int i = 1; i <= 4; ++i, ++seed) {
      const std::string name = cat(speaker, "_", i % 2, "_", i, "_", i);
      const fs::path dir = root / std::string(1, speaker[0]);
      put_audio(dir / (name + ".wav"), 2, seed);
      put_curves(dir / (name + ".json"), "beat", 2, 60, seed);
    }
  }
}

/// What the sample client of Audio2Face's service leaves: DATE_TIME/out.wav and its CSV.
inline void audio2face_service(const fs::path& root) {
  for (int i = 1; i <= 12; ++i) {
    const auto seed = static_cast<uint64_t>(i);
    const fs::path dir = root / cat("20240501_1230", i + 10, "_000123");
    put_audio(dir / "out.wav", 2, seed);
    put_curves(dir / "animation_frames.csv", "a2f-csv", 2, 30, seed);
    write(dir / "a2f_input_emotions.csv", ",time_code,emotion_values.joy\n0,0.0,0.5\n");
    write(dir / "a2f_smoothed_emotion_output.csv", ",time_code,emotion_values.joy\n0,0.0,0.5\n");
  }
}

/// Exports of Audio2Face beside the sound that they were made from.
inline void audio2face_exports(const fs::path& root) {
  for (int i = 1; i <= 12; ++i) {
    const auto seed = static_cast<uint64_t>(i);
    put_audio(root / cat("audio/line_", i + 100, ".wav"), 2, seed);
    put_curves(root / cat("export/line_", i + 100, "_bsweight.json"), "a2f", 2, 30, seed);
  }
}

/// As MEAD lies: SPEAKER/audio/EMOTION/level_N/NNN (as it comes .m4a, made .wav by many), with
/// curves beside in the same folders.
inline void mead_tree(const fs::path& root, const std::string& sound_ending = ".wav") {
  uint64_t seed = 1;
  for (const char* speaker : {"M003", "M005", "W009"}) {
    for (const char* where : {"neutral/level_1", "angry/level_1", "angry/level_2"}) {
      for (int i = 1; i <= 2; ++i, ++seed) {
        const std::string name = cat(where, "/00", i);
        put_audio(root / speaker / "audio" / (name + sound_ending), 2, seed);
        put_curves(root / speaker / "curves" / (name + ".json"), "mediapipe", 2, 30, seed);
      }
    }
  }
}

/// wav/ID.wav and npy/ID.npy with one list of names, 25 fps; curves that no shipped rig knows.
inline void npy_pairs(const fs::path& root) {
  const std::string names = "jaw_open\nlip_l\nlip_r\nlip_side\n";
  write(root / "names.txt", names);
  for (int i = 1; i <= 6; ++i) {
    const auto seed = static_cast<uint64_t>(i);
    put_audio(root / cat("wav/rec_", i, ".wav"), 4, seed);
    fs::create_directories(root / "npy");
    Matrix m = waves(100, 4, seed);
    for (int64_t t = 0; t < m.rows; ++t) m(t, 3) = 2 * m(t, 3) - 1;
    io::write_npy(root / cat("npy/rec_", i, ".npy"), m);
  }
}

}  // namespace kuchi::test
