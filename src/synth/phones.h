// src/synth/phones.h
#pragma once

#include <array>
#include <string_view>
#include <vector>

namespace kuchi::synth {

/// What moves: each is a trajectory in [0, 1]. `close` brings the lips together whatever the jaw
/// does; `teeth` is the bared-teeth, jaw-forward posture of s and sh; height and front are the
/// tongue body, rhotic its bunching; velum 1 is open (nasal).
enum Articulator {
  kJaw,
  kClose,
  kRound,
  kSpread,
  kLipToTeeth,
  kTeeth,
  kHeight,
  kFront,
  kRhotic,
  kVelum,
  kArticulators
};

/// How one phone draws one articulator: dominance(t) = strength · exp(-rate · |t - centre|), with
/// one rate before the centre and one after it (Cohen & Massaro 1993).
struct Pull {
  double target = 0;
  double strength = 0;
  double before = 12;  // 1/s: how steeply its influence dies towards the past (anticipation)
  double after = 14;   // 1/s: the same towards the future (carry-over)
};

enum class Manner { silence, vowel, glide, liquid, nasal, stop, affricate, fricative, aspirate };

/// Noise of frication and bursts: two bands and how loud they are.
struct Noise {
  double level = 0;
  double low_hz = 1500, low_width_hz = 1000, low_share = 0;
  double high_hz = 5000, high_width_hz = 2000;
  double burst = 0;  // level of the release of a stop or affricate
};

struct PhoneKind {
  std::string_view label;
  Manner manner = Manner::silence;
  bool voiced = true;
  double usual_s = 0.08;
  double nasal_zero_hz = 450;
  Noise noise;
  std::array<Pull, kArticulators> pulls;

  bool is_vowel() const { return manner == Manner::vowel; }
  /// p b m: the lips must meet.
  bool closes_lips() const { return pulls[kClose].target > 0.95; }
};

/// Every phone of the three languages, silence first.
const std::vector<PhoneKind>& phone_kinds();
/// Index in phone_kinds(); asserts that the label exists.
int phone(std::string_view label);

inline constexpr int kSilence = 0;  // "sil": before and after speech
inline constexpr int kPause = 1;    // "pau": between phrases

}  // namespace kuchi::synth
