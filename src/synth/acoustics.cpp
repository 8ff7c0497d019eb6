#include "synth/acoustics.h"

#include <algorithm>

namespace kuchi::synth {
namespace {

struct Levels {
  double voice = 0, breath = 0, hiss = 0;
};

constexpr double kClosureShare = 0.60;  // of a stop; the rest is burst and aspiration
constexpr double kAffricateShare = 0.42;
constexpr double kBurst_s = 0.018;

Levels stop_levels(const PhoneKind& kind, double since_s, double left_s, double seconds) {
  const bool affricate = kind.manner == Manner::affricate;
  const double closure = seconds * (affricate ? kAffricateShare : kClosureShare);
  const double voicing = kind.voiced ? 1.0 : 0.0;
  if (since_s < closure) return {0.14 * voicing, 0, 0};
  if (affricate) return {0.3 * voicing, 0, left_s > 0.012 ? kind.noise.level * 0.9 : 0};
  if (since_s < closure + kBurst_s) return {0.25 * voicing, 0.05, kind.noise.burst};
  return kind.voiced ? Levels{0.6, 0.05, 0} : Levels{0, 0.45, 0.08 * kind.noise.burst};
}

Levels levels_of(const PhoneKind& kind, double since_s, double left_s) {
  switch (kind.manner) {
    case Manner::silence:
      return {};
    case Manner::vowel:
      return {1.0, 0, 0};
    case Manner::glide:
    case Manner::liquid:
      return {0.75, 0, 0};
    case Manner::nasal:
      return {0.70, 0, 0};
    case Manner::fricative:
      return {kind.voiced ? 0.4 : 0.0, 0.02, kind.noise.level * (kind.voiced ? 0.55 : 1.0)};
    case Manner::aspirate:
      return {0.08, 0.7, 0};
    default:
      return stop_levels(kind, since_s, left_s, since_s + left_s);
  }
}

void smooth_control(ControlTrack& track, Control which, double sigma_s) {
  std::vector<double> values(track.size());
  for (size_t k = 0; k < track.size(); ++k) values[k] = track[k][which];
  smooth(values, sigma_s);
  for (size_t k = 0; k < track.size(); ++k) track[k][which] = values[k];
}

void set_noise(Controls& c, const Noise& noise, double round) {
  const double lower = 1 - 0.18 * round;  // rounded lips lengthen the cavity before the noise
  c[kHissLow] = noise.low_hz * lower;
  c[kHissLowWidth] = noise.low_width_hz;
  c[kHissLowShare] = noise.low_share;
  c[kHissHigh] = noise.high_hz * lower;
  c[kHissHighWidth] = noise.high_width_hz;
}

void set_tract(Controls& c, const Articulation& a, double tract) {
  const auto f = formants_hz(a, tract);
  const double nasal = a[kVelum];
  for (size_t i = 0; i < 4; ++i) c[kF1 + i] = f[i];
  c[kB1] = 65 + 70 * nasal + 60 * a[kClose] * a[kClose];
  c[kB2] = 90 + 120 * nasal + 60 * a[kClose];
  c[kB3] = 140 + 160 * nasal;
  c[kB4] = 220 + 200 * nasal;
}

}  // namespace

std::array<double, 4> formants_hz(const Articulation& a, double tract) {
  const double open = (1 - a[kHeight]) * (0.55 + 0.45 * std::min(1.0, a[kJaw] / 0.8));
  const double close2 = a[kClose] * a[kClose];
  const double round = a[kRound];
  const double f1 = (255 + 640 * open) * (1 - 0.35 * close2);
  const double front = (a[kFront] - 0.35) * (0.5 + 0.5 * a[kHeight]);
  const double f2 =
      (1150 + 1700 * front) * (1 - 0.20 * round) * (1 - 0.32 * close2) - 60 * a[kRhotic];
  const double f3 =
      2480 + 500 * a[kFront] * a[kHeight] - 750 * a[kRhotic] - 220 * round - 300 * close2;
  const double f4 = 3500 + 150 * a[kFront] - 180 * round;
  return {f1 * tract, std::max(f2, f1 + 180) * tract, std::max(f3, f2 + 250) * tract, f4 * tract};
}

ControlTrack controls_of(const Utterance& utterance, const ArticulationTrack& mouth,
                         const Speaker& speaker, const Style& style) {
  ControlTrack track(mouth.frames.size());
  size_t i = 0;
  const double bend = speaker.pitch_range * style.pitch_range;
  for (size_t k = 0; k < track.size(); ++k) {
    const double t = static_cast<double>(k) / kControlRate;
    while (i + 1 < utterance.segments.size() && utterance.segments[i].end_s <= t) ++i;
    const Segment& s = utterance.segments[i];
    const PhoneKind& kind = s.kind();
    const double since = t - s.begin_s, left = s.end_s - t;
    const Levels levels = levels_of(kind, since, left);
    Controls& c = track[k];
    const double part = since / (s.end_s - s.begin_s);
    const double pitch = s.unit.pitch_begin + part * (s.unit.pitch_end - s.unit.pitch_begin);
    c[kPitch] = speaker.pitch_hz * std::max(0.5, 1 + bend * (pitch - 1));
    // Less sound leaves a small opening.
    const double close = mouth.frames[k][kClose];
    c[kVoice] = levels.voice * s.unit.loud * (1 - 0.45 * close * close);
    c[kBreath] = (levels.breath + speaker.breath * levels.voice) * s.unit.loud;
    c[kHiss] = levels.hiss * (0.5 + 0.5 * s.unit.loud);
    set_noise(c, kind.noise, mouth.frames[k][kRound]);
    set_tract(c, mouth.frames[k], speaker.tract);
    c[kNasalZero] = kind.nasal_zero_hz;
  }
  smooth_control(track, kPitch, 0.030);
  smooth_control(track, kVoice, 0.005);
  smooth_control(track, kBreath, 0.004);
  smooth_control(track, kHiss, 0.003);
  smooth_control(track, kNasalZero, 0.008);
  constexpr double kNasalPole = 270;
  for (size_t k = 0; k < track.size(); ++k) {  // velum shut: the zero cancels the pole
    double& zero = track[k][kNasalZero];
    zero = kNasalPole + mouth.frames[k][kVelum] * (zero * speaker.tract - kNasalPole);
  }
  return track;
}

}  // namespace kuchi::synth
