// src/synth/utterance.h
#pragma once

#include <vector>

#include "core/random.h"
#include "synth/phonology.h"
#include "synth/speaker.h"

namespace kuchi::synth {

/// A unit with its place in time, seconds from the start of the clip.
struct Segment {
  Unit unit;
  double begin_s = 0;
  double end_s = 0;
  double middle_s() const { return 0.5 * (begin_s + end_s); }
  const PhoneKind& kind() const { return phone_kinds()[static_cast<size_t>(unit.phone)]; }
};

/// A clip's phones in time: silence, speech, silence, without gaps.
struct Utterance {
  std::vector<Segment> segments;
  double seconds() const { return segments.empty() ? 0 : segments.back().end_s; }
  double speech_begin_s() const { return segments.front().end_s; }
  double speech_end_s() const { return segments.back().begin_s; }
};

/// Gives every unit its time (usual duration × length ÷ rate × a draw of ±12 %) and puts silence
/// around. Two lists of units of one size whose fixed_s agree get the same times from one stream.
Utterance set_in_time(const std::vector<Unit>& units, double rate, Stream draw);

}  // namespace kuchi::synth
