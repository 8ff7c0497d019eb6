#include "synth/compose.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "synth/face.h"

namespace kuchi::synth {

Performance perform(const Utterance& utterance, const Speaker& speaker, const Style& style) {
  Performance p{utterance, speaker, style, articulate(utterance, Anticipation::seen), {}};
  const auto heard = articulate(utterance, Anticipation::heard);
  p.controls = controls_of(utterance, heard, speaker, style);
  return p;
}

double loudness_gain(const std::vector<double>& speech, const Utterance& u, double loud) {
  constexpr double kRms = 0.0708;  // -23 dBFS
  // Under one half, a 16-bit file gives the same steps back whether its writer takes 32767 or
  // 32768 for 1.
  constexpr double kPeak = 0.49;
  const auto begin = static_cast<size_t>(u.speech_begin_s() * kAudioRate);
  const auto end = std::min(speech.size(), static_cast<size_t>(u.speech_end_s() * kAudioRate));
  double sum = 0, peak = 0;
  for (size_t i = begin; i < end; ++i) {
    sum += speech[i] * speech[i];
    peak = std::max(peak, std::fabs(speech[i]));
  }
  if (!(sum > 0)) return 0;
  const double rms = std::sqrt(sum / static_cast<double>(end - begin));
  return std::min(kRms * loud / rms, kPeak / peak);
}

std::vector<float> finish_audio(const std::vector<double>& speech, double gain,
                                const NoiseKey& key) {
  constexpr double kRoom = 0.0006;  // uniform ± this: about -69 dBFS
  Stream room(key.seed, "room noise", key.clip);
  std::vector<float> audio(speech.size());
  for (size_t i = 0; i < speech.size(); ++i) {
    const double x = speech[i] * gain + kRoom * (2 * room.uniform() - 1);
    const double step = std::floor(x * 32768.0 + 0.5);
    audio[i] = static_cast<float>(std::clamp(step, -32767.0, 32767.0) / 32768.0);
  }
  return audio;
}

int64_t sample_count(const Utterance& utterance) {
  return static_cast<int64_t>(std::floor(utterance.seconds() * kAudioRate));
}

Clip describe(const Performance& p, const std::string& id, int64_t samples) {
  Clip clip;
  clip.id = id;
  clip.speaker = p.speaker.id;
  clip.language = to_string(p.speaker.language);
  clip.style = p.style.name;
  clip.lead_s = p.speaker.lead_s;
  for (const Segment& s : p.utterance.segments) {
    clip.phones.push_back({std::string(s.kind().label), s.begin_s, s.end_s});
  }
  clip.phones.back().end_s = static_cast<double>(samples) / kAudioRate;
  const int64_t frames = samples * static_cast<int64_t>(kFps) / kAudioRate;
  clip.curves = face_curves(p.mouth, p.speaker, p.speaker.range * p.style.range, kFps, frames);
  return clip;
}

Clip make_clip(const Options& options, int64_t index) {
  const auto seed = static_cast<uint64_t>(options.seed);
  const auto number = static_cast<uint64_t>(index);
  Stream draw(seed, "clip", number);
  const Speaker speaker = speakers(seed)[static_cast<size_t>(index % kSpeakers)];
  const Style& style = styles()[draw.below(styles().size())];
  constexpr double kSilence_s = 1.27;  // both ends, on average
  const double rate = speaker.rate * style.rate;
  const double seconds = options.seconds * draw.uniform(0.6, 1.4);
  const double speech_s = std::max(0.4, seconds - kSilence_s) * rate;
  const Utterance utterance = set_in_time(draw_phrases(speaker.language, speech_s, draw), rate,
                                          Stream(seed, "time", number));
  const Performance p = perform(utterance, speaker, style);

  char id[32];
  std::snprintf(id, sizeof id, "synth_%04lld", static_cast<long long>(index));
  const int64_t samples = sample_count(utterance);
  Clip clip = describe(p, id, samples);
  const NoiseKey key{seed, number};
  const auto speech = speak(p.controls, speaker, samples, key);
  clip.audio = finish_audio(speech, loudness_gain(speech, utterance, style.loud), key);
  return clip;
}

}  // namespace kuchi::synth
