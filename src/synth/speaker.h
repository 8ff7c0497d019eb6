// src/synth/speaker.h
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace kuchi::synth {

enum class Language { ja, en, zh };
std::string to_string(Language language);

/// What makes one speaker sound and move unlike another. All but the style is the same in every
/// clip of the speaker.
struct Speaker {
  std::string id;  // "s03"
  Language language = Language::ja;
  double pitch_hz = 120;
  double pitch_range = 1;  // multiplies excursions from the base pitch
  double tract = 1;        // multiplies formant frequencies: above 1 is a short tract
  double rate = 1;         // multiplies speed
  double range = 1;        // multiplies mouth movement
  double lead_s = 0;       // how far the mouth is ahead of the sound
  double open_quotient = 0.6;
  double tilt = 0.3;      // one-pole low-pass of the voice: 0 bright … 0.7 dull
  double breath = 0.05;   // aspiration mixed into the voice
  double left_share = 0;  // > 0: the left side moves more, by this share
  double jaw_side = 0;    // > 0: the jaw goes left while opening
  double mouth_side = 0;  // > 0: rounded lips go left
};

inline constexpr int kSpeakers = 12;

/// The twelve speakers of a seed. Pitch, tract and lead are dealt from even ladders, so that
/// every seed spans the whole range (lead: 40 ms late … 120 ms ahead). The lead grows with a
/// smaller tract and a higher voice, but for swapped neighbours: a model can hear it, though only
/// by telling speakers apart, which no linear map of the frames does.
std::vector<Speaker> speakers(uint64_t seed);

/// A manner of speaking, drawn for each clip.
struct Style {
  std::string name;  // "calm", "plain", "lively"
  double rate = 1, range = 1, pitch_range = 1, loud = 1;
};
const std::vector<Style>& styles();

}  // namespace kuchi::synth
