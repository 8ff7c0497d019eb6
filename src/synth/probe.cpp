// The context probe: minimal pairs like sanpo / sanka, whose members are one and the same sound
// for sound and sample for sample until after a shared sound, over which the mouth differs.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <stdexcept>

#include "core/portable_math.h"
#include "core/text.h"
#include "synth/compose.h"
#include "synth/face.h"

namespace kuchi::synth {
namespace {

using Labels = std::vector<std::string_view>;

/// What stands from the shared sound to the difference, and the two phones that differ: the first
/// closes or rounds the lips.
struct Contrast {
  Labels shared;   // the shared sound, one of these
  Labels between;  // then these, "n s" being two phones
  std::vector<std::array<std::string_view, 2>> differ;
};

using Contrasts = std::vector<Contrast>;

const Contrasts& contrasts_of(int distance) {
  static const std::vector<std::array<std::string_view, 2>> lips = {
      {"p", "k"}, {"p", "t"}, {"b", "d"}, {"b", "g"}, {"m", "n"}, {"w", "l"}};
  static const std::vector<std::array<std::string_view, 2>> vowels = {
      {"u", "a"}, {"u", "ae"}, {"o", "a"}, {"u", "ah"}};
  static const Contrasts one = {
      {{"nn", "n", "s", "k", "t", "l", "z", "g", "d", "ng", "th"}, {""}, lips},
      {{"s", "k", "t", "n", "l", "x", "ts", "g", "d"}, {""}, vowels}};
  static const Contrasts two = {
      {{"n", "l", "k", "ng", "nn", "t", "d", "z"}, {"s", "t", "k", "s"}, lips},
      {{"n", "nn", "s", "l", "k", "t"}, {"t", "k", "s", "n"}, vowels}};
  static const Contrasts three = {
      {{"n", "l", "k", "ng", "t"}, {"s t", "t s", "k s", "s k"}, lips},
      {{"n", "nn", "l", "k", "t", "d"}, {"s t", "s k", "t s", "k s"}, vowels}};
  if (distance == 1) return one;
  return distance == 2 ? two : three;
}

template <typename T>
const T& pick(const std::vector<T>& from, Stream& draw) {
  return from[draw.below(from.size())];
}

Unit unit(std::string_view label, double fixed_s = 0) {
  Unit u;
  u.phone = phone(label);
  u.fixed_s = fixed_s;
  return u;
}

struct Script {
  std::vector<Unit> a, b;
  size_t shared = 0;  // index in both
};

/// word · vowel · shared · between · a's or b's phone · vowel · word
Script draw_script(int distance, Language language, bool a_closes, Stream& draw) {
  const Contrast& contrast = pick(contrasts_of(distance), draw);
  const auto& differ = pick(contrast.differ, draw);
  Script s;
  s.a = draw_word(language, draw);
  s.a.push_back(unit(pick(Labels{"k", "s", "t", "h"}, draw)));
  s.a.push_back(unit(pick(Labels{"a", "ah", "e", "a"}, draw)));
  s.shared = s.a.size();
  // One draw a statement: compilers differ in the order of arguments.
  const double shared_s = draw.uniform(0.100, 0.120);
  s.a.push_back(unit(pick(contrast.shared, draw), shared_s));
  for (const std::string& label : split(pick(contrast.between, draw), ' ')) {
    if (!label.empty()) s.a.push_back(unit(label));
  }
  const size_t at = s.a.size();
  const bool vowel = phone_kinds()[static_cast<size_t>(phone(differ[0]))].is_vowel();
  s.a.push_back(unit(differ[0], vowel ? draw.uniform(0.12, 0.16) : draw.uniform(0.08, 0.10)));
  s.a.push_back(
      unit(vowel ? pick(Labels{"n", "s", "k"}, draw) : pick(Labels{"a", "e", "o"}, draw)));
  for (const Unit& u : draw_word(language, draw)) s.a.push_back(u);
  s.b = s.a;
  (a_closes ? s.b : s.a)[at].phone = phone(differ[1]);
  return s;
}

/// Up to until_s both members get the mean of their controls; then each goes its own way.
void share_until(double until_s, ControlTrack& a, ControlTrack& b) {
  constexpr double kParting_s = 0.010;
  for (size_t k = 0; k < a.size(); ++k) {
    const double t = static_cast<double>(k) / kControlRate;
    const double own = portable::smooth_step((t - until_s) / kParting_s);
    for (size_t c = 0; c < kControls; ++c) {
      const double mean = 0.5 * (a[k][c] + b[k][c]);
      a[k][c] = mean + own * (a[k][c] - mean);
      b[k][c] = mean + own * (b[k][c] - mean);
    }
  }
}

/// The audio of both, alike to the sample through the shared sound, which is 100 ms long or more:
/// that is all a frame at its middle sees. Where the next phone is shared too, 25 ms more are
/// alike; where it is the one that differs, it must not begin as something between the two.
void voice_pair(Performance& a, Performance& b, uint64_t seed, uint64_t number, ProbePair& pair) {
  const double margin_s = pair.distance == 1 ? 0 : 0.025;
  // One control step later, since controls are met in straight lines.
  share_until(pair.end_s + margin_s + 1.0 / kControlRate, a.controls, b.controls);
  const NoiseKey key{seed, (uint64_t{1} << 40) + number};
  const int64_t samples = sample_count(a.utterance);
  const auto speech_a = speak(a.controls, a.speaker, samples, key);
  const auto speech_b = speak(b.controls, b.speaker, samples, key);
  const double gain = std::min(loudness_gain(speech_a, a.utterance, a.style.loud),
                               loudness_gain(speech_b, b.utterance, b.style.loud));
  pair.a.audio = finish_audio(speech_a, gain, key);
  pair.b.audio = finish_audio(speech_b, gain, key);
}

/// One try at a pair; false where the lips do not differ enough to ask about.
bool try_pair(uint64_t seed, int distance, uint64_t attempt, ProbePair& pair) {
  const double least = distance == 1 ? 0.10 : 0.05;
  Stream draw(seed, "probe", static_cast<uint64_t>(distance), attempt);
  // Dealt in turn, so that no speaker is left out who can be had.
  const Speaker speaker = speakers(seed)[attempt % kSpeakers];
  const Style& style = styles()[1];
  pair.a_closed = draw.chance(0.5);
  const Script script = draw_script(distance, speaker.language, pair.a_closed, draw);
  const Stream time(seed, "probe time", static_cast<uint64_t>(distance), attempt);
  const double rate = speaker.rate * style.rate;
  Performance a = perform(set_in_time(script.a, rate, time), speaker, style);
  Performance b = perform(set_in_time(script.b, rate, time), speaker, style);

  const Segment& shared = a.utterance.segments[script.shared + 1];  // after the silence
  pair.begin_s = shared.begin_s;
  pair.end_s = shared.end_s;
  pair.middle_s = shared.middle_s();
  const int64_t samples = sample_count(a.utterance);
  pair.a = describe(a, pair.id + "_a", samples);
  pair.b = describe(b, pair.id + "_b", samples);
  const int64_t frame = probe_frame(pair);
  const double wider = aperture(pair.b.curves.row(frame)) - aperture(pair.a.curves.row(frame));
  if ((pair.a_closed ? wider : -wider) < least) return false;
  voice_pair(a, b, seed, static_cast<uint64_t>(distance) * 1000000 + attempt, pair);
  return true;
}

}  // namespace

int64_t probe_frame(const ProbePair& pair) {
  const auto nearest = static_cast<int64_t>(std::floor(pair.middle_s * kFps + 0.5));
  return std::clamp<int64_t>(nearest, 0, pair.a.curves.rows - 1);
}

std::vector<ProbePair> make_probe(uint64_t seed, int pairs_per_distance) {
  std::vector<ProbePair> all;
  for (int distance = 1; distance <= 3; ++distance) {
    uint64_t attempt = 0;
    for (int i = 0; i < pairs_per_distance; ++i) {
      ProbePair pair;
      pair.distance = distance;
      char id[32];
      std::snprintf(id, sizeof id, "d%d_%03d", distance, i);
      pair.id = id;
      while (!try_pair(seed, distance, attempt++, pair)) {
        if (attempt > 100000) throw std::logic_error("the probe's phones no longer differ");
      }
      all.push_back(std::move(pair));
    }
  }
  return all;
}

std::vector<ProbeScore> score(std::span<const ProbeAnswer> answers) {
  std::vector<ProbeScore> scores;
  for (int distance = 1; distance <= 3; ++distance) {
    ProbeScore s{distance, 0, 0};
    for (const ProbeAnswer& answer : answers) {
      if (answer.distance != distance) continue;
      ++s.pairs;
      const double wider = answer.aperture_b - answer.aperture_a;
      if (std::fabs(wider) < 1e-4) {
        s.share += 0.5;
      } else if ((wider > 0) == answer.a_closed) {
        s.share += 1;
      }
    }
    if (s.pairs == 0) continue;
    s.share /= s.pairs;
    scores.push_back(s);
  }
  return scores;
}

}  // namespace kuchi::synth
