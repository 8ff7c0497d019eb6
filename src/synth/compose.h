// src/synth/compose.h
#pragma once

#include <string>
#include <vector>

#include "synth/acoustics.h"
#include "synth/synth.h"
#include "synth/voice.h"

namespace kuchi::synth {

/// An utterance with its speaker, ready to be voiced and seen: what clips and probes share.
struct Performance {
  Utterance utterance;
  Speaker speaker;
  Style style;
  ArticulationTrack mouth;
  ControlTrack controls;
};
Performance perform(const Utterance& utterance, const Speaker& speaker, const Style& style);

/// How much to multiply speech by, so that its RMS while speaking is about -23 dBFS and no
/// sample passes 0.49.
double loudness_gain(const std::vector<double>& speech, const Utterance& utterance, double loud);

/// Scales, adds a faint microphone noise and rounds to whole 16-bit steps.
std::vector<float> finish_audio(const std::vector<double>& speech, double gain,
                                const NoiseKey& key);

/// Labels, phones and curves of a performance; audio is left empty.
Clip describe(const Performance& p, const std::string& id, int64_t samples);

int64_t sample_count(const Utterance& utterance);

}  // namespace kuchi::synth
