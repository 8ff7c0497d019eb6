// src/synth/phonology.h
#pragma once

#include <vector>

#include "core/random.h"
#include "synth/phones.h"
#include "synth/speaker.h"

namespace kuchi::synth {

/// One phone as it is to be spoken.
struct Unit {
  int phone = kSilence;
  double length = 1;   // multiple of the phone's usual duration
  double fixed_s = 0;  // > 0: exactly this long, whatever the rate
  double loud = 1;
  double pitch_begin = 1;  // multiples of the speaker's pitch
  double pitch_end = 1;
};

/// A made-up word by the language's phonotactics: Japanese morae with long vowels, geminates,
/// the moraic nasal and a pitch accent; English syllables with onset clusters, codas, diphthongs
/// and stress; Mandarin syllables of initial, glide, final and tone.
std::vector<Unit> draw_word(Language language, Stream& draw);

/// Words and short pauses until about `speech_s` seconds at the usual rate; phrases end slower.
/// Begins and ends with speech (no silence around).
std::vector<Unit> draw_phrases(Language language, double speech_s, Stream& draw);

}  // namespace kuchi::synth
