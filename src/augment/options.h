// src/augment/options.h
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "config/schema.h"

namespace kuchi::augment {

/// Options of the changes to audio, one struct a change. `p` is the share of segments that are
/// changed; at 0 a change is off, which all are by default.
struct SpeedOptions {
  double p = 0, share = 0.1;
};
struct PitchOptions {
  double p = 0, semitones = 2;
};
struct MirrorOptions {
  double p = 0;
};
struct SilenceOptions {
  double p = 0, longest_s = 0.6, ease_s = 0.15;
};
struct MutedOptions {
  double p = 0;
};
struct RoomOptions {
  double p = 0;
  double shortest_s = 0.15, longest_s = 0.6;  // reverberation time (RT60)
  double driest_db = 15, wettest_db = 3;      // direct sound over reverberation
  std::string files;                          // folder of impulse responses; "": generated
};
struct BackgroundOptions {
  double p = 0;
  double loudest_db = 5, faintest_db = 30;  // signal-to-noise ratio
  std::vector<std::string> kinds = {"white", "pink", "babble"};
  std::string files;  // folder of sounds; "": generated
};
struct MicrophoneOptions {
  double p = 0, most_db = 6;
};
struct LevelOptions {
  double p = 0, most_db = 6;
};
struct ShiftOptions {
  double p = 0, most_ms = 20;
};

/// Where features of changed audio come from.
enum class Computed { loop, cached };

/// Section `augment`: label-safe changes to a training segment, drawn anew every epoch.
struct Options {
  // of features
  double feature_p = 1;
  int64_t time_masks = 0;
  int64_t time_mask_frames = 10;
  int64_t band_masks = 0;
  int64_t band_mask_bands = 12;
  double band_shift = 0;
  double band_warp = 0;
  double rate = 0;
  double gain_db = 0;
  double noise = 0;
  double feature_dropout = 0;
  // of audio and curves
  Computed audio = Computed::loop;
  int64_t variants = 4;
  SpeedOptions speed;
  PitchOptions pitch;
  MirrorOptions mirror;
  SilenceOptions silence;
  MutedOptions muted;
  RoomOptions room;
  BackgroundOptions background;
  MicrophoneOptions microphone;
  LevelOptions level;
  ShiftOptions shift;
};
void describe(config::Section section, Options& options);

}  // namespace kuchi::augment
