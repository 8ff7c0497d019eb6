#include "augment/noise.h"

#include <array>
#include <cmath>
#include <stdexcept>

#include "audio/audio.h"
#include "core/portable_math.h"

namespace kuchi::augment {
namespace {

/// Nearly normal, from one hash: the sum of its four 16-bit parts.
double draw(Stream& stream) {
  const uint64_t bits = stream.next();
  double sum = 0;
  for (int part = 0; part < 4; ++part) sum += static_cast<double>((bits >> (16 * part)) & 0xffff);
  return (sum / 65536.0 - 2) * 1.7320508;  // variance of four uniforms: 1/3
}

std::vector<float> white(int64_t samples, Stream& stream) {
  std::vector<float> out(static_cast<size_t>(samples));
  for (auto& v : out) v = static_cast<float>(draw(stream));
  return out;
}

std::vector<float> pink(int64_t samples, Stream& stream) {
  constexpr int kPoles = 8;
  std::array<double, kPoles> keep, gain, state{};
  for (int i = 0; i < kPoles; ++i) {
    const double hz = 60.0 * static_cast<double>(1 << i);
    keep[i] = portable::exp(-2 * portable::kPi * hz / audio::kRate);
    // Each carries the same power; the one at 7680 Hz is nearly white and fills up the top.
    gain[i] = std::sqrt(1 - keep[i] * keep[i]);
    state[i] = draw(stream);
  }
  std::vector<float> out(static_cast<size_t>(samples));
  for (auto& v : out) {
    double sum = 0;
    // One draw moves all poles: their sum is then one filter of white noise.
    const double x = draw(stream);
    for (int i = 0; i < kPoles; ++i) {
      state[i] = keep[i] * state[i] + gain[i] * x;
      sum += state[i];
    }
    v = static_cast<float>(sum);
  }
  return out;
}

/// Two poles at a frequency, gain 1 at 0 Hz (Klatt 1980).
struct Resonator {
  double b = 0, c = 0, y1 = 0, y2 = 0;
  void tune(double hz, double width_hz) {
    const double r = portable::exp(-portable::kPi * width_hz / audio::kRate);
    c = -r * r;
    b = 2 * r * portable::cos(2 * portable::kPi * hz / audio::kRate);
  }
  double step(double x) {
    const double y = (1 - b - c) * x + b * y1 + c * y2;
    y2 = y1;
    y1 = y;
    return y;
  }
};

/// Adds a voice that speaks syllables of 120 to 300 ms, one in four of them silent.
void add_voice(Stream stream, std::vector<float>& out) {
  const double base_hz = 90 * portable::exp(stream.uniform(0, portable::log(2.6)));
  Resonator first, second;
  double phase = stream.uniform();
  size_t at = 0;
  while (at < out.size()) {
    const auto length = static_cast<size_t>(stream.uniform(0.12, 0.3) * audio::kRate);
    const double level = stream.chance(0.25) ? 0 : stream.uniform(0.4, 1);
    const double step = base_hz * stream.uniform(0.85, 1.2) / audio::kRate;
    first.tune(stream.uniform(280, 800), 90);
    second.tune(stream.uniform(900, 2400), 140);
    const double turn = portable::kPi / static_cast<double>(length);
    // sin² over the syllable by a recurrence: cos(2 turn i)
    const double twice = 2 * portable::cos(2 * turn);
    double now = 1, before = portable::cos(2 * turn);
    for (size_t i = 0; i < length && at < out.size(); ++i, ++at) {
      phase += step;
      double pulse = 0.05 * draw(stream);
      if (phase >= 1) {
        phase -= 1;
        pulse += 8;
      }
      const double envelope = level * (0.5 - 0.5 * now);
      out[at] += static_cast<float>(envelope * second.step(first.step(pulse)));
      const double next = twice * now - before;
      before = now;
      now = next;
    }
  }
}

std::vector<float> babble(int64_t samples, Stream& stream) {
  std::vector<float> out(static_cast<size_t>(samples), 0.0f);
  for (uint64_t voice = 0; voice < 6; ++voice) {
    add_voice(Stream(stream.next(), "augment.voice", voice), out);
  }
  return out;
}

}  // namespace

double rms(const std::vector<float>& audio) {
  double sum = 0;
  for (const float v : audio) sum += static_cast<double>(v) * v;
  return audio.empty() ? 0 : std::sqrt(sum / static_cast<double>(audio.size()));
}

void scale(std::vector<float>& audio, double factor) {
  for (auto& v : audio) v = static_cast<float>(v * factor);
}

std::vector<float> make_noise(const std::string& kind, int64_t samples, Stream& stream) {
  std::vector<float> out;
  if (kind == "white") {
    out = white(samples, stream);
  } else if (kind == "pink") {
    out = pink(samples, stream);
  } else if (kind == "babble") {
    out = babble(samples, stream);
  } else {
    throw std::logic_error("no such noise: " + kind);
  }
  const double level = rms(out);
  if (level > 0) scale(out, 1 / level);
  return out;
}

std::vector<float> noise_floor(double speech_rms, int64_t samples, Stream& stream) {
  const double under_db = stream.uniform(35, 60);
  auto out = make_noise(stream.chance(0.5) ? "white" : "pink", samples, stream);
  const double level =
      speech_rms > 0 ? speech_rms * portable::pow(10, -under_db / 20) : 1.7782794e-4;
  scale(out, level);
  return out;
}

}  // namespace kuchi::augment
