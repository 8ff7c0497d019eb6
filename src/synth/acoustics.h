// src/synth/acoustics.h
#pragma once

#include <array>
#include <vector>

#include "synth/articulation.h"
#include "synth/speaker.h"
#include "synth/utterance.h"

namespace kuchi::synth {

/// What the formant synthesiser is told, kControlRate times a second. Frequencies and bandwidths
/// in Hz, levels linear.
enum Control {
  kPitch,
  kVoice,    // level of voicing
  kBreath,   // level of aspiration through the tract
  kHiss,     // level of frication
  kHissLow,  // its lower band: frequency, bandwidth, share
  kHissLowWidth,
  kHissLowShare,
  kHissHigh,  // its upper band
  kHissHighWidth,
  kF1,
  kF2,
  kF3,
  kF4,
  kB1,
  kB2,
  kB3,
  kB4,
  kNasalZero,
  kControls
};
using Controls = std::array<double, kControls>;
using ControlTrack = std::vector<Controls>;

/// Formants 1 to 4 of a vocal tract in Hz, from the articulators: jaw and tongue height open F1,
/// tongue front raises F2 and F3, rounding and lip closing lower all, r bunching lowers F3.
std::array<double, 4> formants_hz(const Articulation& a, double tract);

/// Everything the voice needs, from the phones and the mouth that speaks them.
ControlTrack controls_of(const Utterance& utterance, const ArticulationTrack& mouth,
                         const Speaker& speaker, const Style& style);

}  // namespace kuchi::synth
