#include "synth/voice.h"

#include <algorithm>

#include "core/portable_math.h"
#include "core/random.h"

namespace kuchi::synth {
namespace {

constexpr double kNyquistGuard_hz = 7600;

/// Second-order resonator with gain 1 at 0 Hz (Klatt 1980, eq. 1 and 2).
class Resonator {
 public:
  void tune(double hz, double width_hz) {
    const double r = portable::exp(-portable::kPi * width_hz / kAudioRate);
    c_ = -r * r;
    b_ = 2 * r * portable::cos(2 * portable::kPi * std::min(hz, kNyquistGuard_hz) / kAudioRate);
    a_ = 1 - b_ - c_;
  }
  double pass(double x) {
    const double y = a_ * x + b_ * y1_ + c_ * y2_;
    y2_ = y1_;
    y1_ = y;
    return y;
  }

 private:
  double a_ = 1, b_ = 0, c_ = 0, y1_ = 0, y2_ = 0;
};

/// The inverse of a Resonator: a zero in the spectrum.
class AntiResonator {
 public:
  void tune(double hz, double width_hz) {
    const double r = portable::exp(-portable::kPi * width_hz / kAudioRate);
    const double c = -r * r;
    const double b = 2 * r * portable::cos(2 * portable::kPi * hz / kAudioRate);
    a_ = 1 / (1 - b - c);
    b_ = -b * a_;
    c_ = -c * a_;
  }
  double pass(double x) {
    const double y = a_ * x + b_ * x1_ + c_ * x2_;
    x2_ = x1_;
    x1_ = x;
    return y;
  }

 private:
  double a_ = 1, b_ = 0, c_ = 0, x1_ = 0, x2_ = 0;
};

/// Band-pass with gain 1 at its centre, zeros at 0 Hz and at half the rate.
class Band {
 public:
  void tune(double hz, double width_hz) {
    const double r = portable::exp(-portable::kPi * width_hz / kAudioRate);
    c_ = -r * r;
    b_ = 2 * r * portable::cos(2 * portable::kPi * std::min(hz, kNyquistGuard_hz) / kAudioRate);
    a_ = 0.5 * (1 - r * r);
  }
  double pass(double x) {
    const double y = a_ * (x - x2_) + b_ * y1_ + c_ * y2_;
    x2_ = x1_;
    x1_ = x;
    y2_ = y1_;
    y1_ = y;
    return y;
  }

 private:
  double a_ = 0, b_ = 0, c_ = 0, x1_ = 0, x2_ = 0, y1_ = 0, y2_ = 0;
};

/// Derivative of the glottal flow u² - u³ while open, 0 while closed (Klatt & Klatt 1990).
class Glottis {
 public:
  Glottis(const Speaker& speaker, const NoiseKey& key)
      : open_(speaker.open_quotient), jitter_(key.seed, "jitter", key.clip) {}

  double next(double pitch_hz) {
    phase_ += pitch_hz * stretch_ / kAudioRate;
    if (phase_ >= 1) {
      phase_ -= 1;
      stretch_ = 1 + 0.008 * jitter_.normal();
    }
    if (phase_ >= open_) return 0;
    const double u = phase_ / open_;
    return u * (2 - 3 * u);
  }
  bool is_open() const { return phase_ < open_; }

 private:
  double open_;
  double phase_ = 0, stretch_ = 1;
  Stream jitter_;
};

struct Tract {
  Resonator nasal_pole;
  AntiResonator nasal_zero;
  std::array<Resonator, 5> formants;
  Band low, high;

  void tune(const Controls& c, double tract) {
    nasal_pole.tune(270, 100);
    nasal_zero.tune(c[kNasalZero], 100);
    for (size_t i = 0; i < 4; ++i) formants[i].tune(c[kF1 + i], c[kB1 + i]);
    formants[4].tune(4500 * tract, 350);
    low.tune(c[kHissLow], c[kHissLowWidth]);
    high.tune(c[kHissHigh], c[kHissHighWidth]);
  }
  double pass(double x) {
    x = nasal_zero.pass(nasal_pole.pass(x));
    for (Resonator& f : formants) x = f.pass(x);
    return x;
  }
};

}  // namespace

std::vector<double> speak(const ControlTrack& controls, const Speaker& speaker, int64_t samples,
                          const NoiseKey& key) {
  constexpr int64_t kBlock = kAudioRate / kControlRate;
  constexpr double kBreathGain = 0.30, kHissGain = 0.9;
  std::vector<double> audio(static_cast<size_t>(samples));
  Tract tract;
  Glottis glottis(speaker, key);
  Stream noise(key.seed, "voice noise", key.clip);
  double voiced = 0;  // after the tilt filter
  Controls now{}, step{};
  for (int64_t i = 0; i < samples; ++i) {
    if (i % kBlock == 0) {
      const auto k = std::min(static_cast<size_t>(i / kBlock), controls.size() - 1);
      const auto next = std::min(k + 1, controls.size() - 1);
      now = controls[k];
      for (size_t c = 0; c < kControls; ++c) {
        step[c] = (controls[next][c] - now[c]) / static_cast<double>(kBlock);
      }
      tract.tune(now, speaker.tract);
    }
    const double white = 2 * noise.uniform() - 1;
    const double pulse = glottis.next(now[kPitch]);
    voiced = (1 - speaker.tilt) * pulse + speaker.tilt * voiced;
    const double breath = white * now[kBreath] * kBreathGain * (glottis.is_open() ? 1.0 : 0.5);
    const double hiss = now[kHiss] * kHissGain *
                        (now[kHissLowShare] * tract.low.pass(white) + tract.high.pass(white));
    audio[static_cast<size_t>(i)] = tract.pass(now[kVoice] * voiced + breath) + hiss;
    for (Control c : {kPitch, kVoice, kBreath, kHiss}) now[c] += step[c];
  }
  return audio;
}

}  // namespace kuchi::synth
