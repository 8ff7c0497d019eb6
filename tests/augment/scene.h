// A made-up clip whose sound and curves tell where each other's events are.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "augment/augment.h"
#include "core/random.h"
#include "curves/rig.h"

namespace kuchi::test {

inline constexpr double kPi = 3.14159265358979323846;
inline constexpr int kRate = 16000;

/// Curves left, right and jaw; rest of jaw is 0.1.
inline curves::Rig small_rig() {
  return curves::parse_rig(
      "name: small\n"
      "curves:\n"
      "  - {name: left, mirror: right}\n"
      "  - {name: right, mirror: left}\n"
      "  - {name: jaw, range: [0, 2], rest: 0.1}\n",
      "small");
}

/// A vowel at a pitch: pulses, one a period, each a decaying 700 Hz and 1200 Hz.
inline std::vector<float> vowel(double pitch_hz, double seconds) {
  std::vector<float> out(static_cast<size_t>(seconds * kRate), 0.0f);
  for (int k = 0;; ++k) {
    const double at = k / pitch_hz * kRate;
    if (at + 2 >= static_cast<double>(out.size())) return out;
    for (auto i = static_cast<size_t>(std::ceil(at)); i < out.size(); ++i) {
      const double t = (static_cast<double>(i) - at) / kRate;
      if (t > 0.02) break;
      const double dying = 0.2 * std::exp(-t * 300);
      out[i] += static_cast<float>(
          dying * (std::sin(2 * kPi * 700 * t) + 0.6 * std::sin(2 * kPi * 1200 * t)));
    }
  }
}

/// Pitch by the autocorrelation of the middle of a sound (the first high peak, as YIN looks for the
/// first deep dip; de Cheveigne & Kawahara 2002), in straight parabola between lags.
inline double pitch_of(const std::vector<float>& x) {
  const size_t from = x.size() / 4, count = x.size() / 2;
  std::vector<double> r;
  for (size_t lag = 0; lag < 400; ++lag) {
    double sum = 0, a = 1e-12, b = 1e-12;
    for (size_t i = from; i < from + count - 400; ++i) {
      sum += static_cast<double>(x[i]) * x[i + lag];
      a += static_cast<double>(x[i]) * x[i];
      b += static_cast<double>(x[i + lag]) * x[i + lag];
    }
    r.push_back(sum / std::sqrt(a * b));
  }
  double top = 0;
  for (size_t lag = 40; lag + 1 < r.size(); ++lag) top = std::max(top, r[lag]);
  for (size_t lag = 40; lag + 1 < r.size(); ++lag) {
    if (r[lag] < 0.9 * top || r[lag] < r[lag - 1] || r[lag] < r[lag + 1]) continue;
    const double bend = r[lag - 1] - 2 * r[lag] + r[lag + 1];
    const double off = 0.5 * (r[lag - 1] - r[lag + 1]) / bend;
    return kRate / (static_cast<double>(lag) + off);
  }
  return 0;
}

inline constexpr double kFps = 60;

/// Bursts of 20 ms (a hiss of speech-like loudness) at these times, over a faint floor; the curve
/// jaw is a triangle of two frames a side about the same times.
struct Events {
  std::vector<double> at_s = {0.61, 1.103, 1.737, 2.249};
  double seconds = 3;
  augment::Take take() const {
    augment::Take out;
    Stream draw(5, "test.events");
    out.audio.resize(static_cast<size_t>(seconds * kRate));
    for (size_t i = 0; i < out.audio.size(); ++i) {
      const double t = static_cast<double>(i) / kRate;
      double level = 1e-4;
      for (const double at : at_s) {
        if (std::abs(t - at) < 0.01) level = 0.2;
      }
      out.audio[i] = static_cast<float>(level * draw.normal());
    }
    out.step_s = 1 / kFps;
    out.curves = curves_at(1, 0);
    out.speech_rms = augment::speech_rms(out.audio);
    return out;
  }
  /// Cut for being spoken `speed` times as fast, as the loader does.
  Matrix curves_at(double speed, double from_s) const {
    const auto frames = static_cast<int64_t>((seconds - from_s) / speed * kFps);
    Matrix m(frames, 3);
    for (int64_t j = 0; j < frames; ++j) {
      const double t = from_s + static_cast<double>(j) / kFps * speed;
      for (const double at : at_s) {
        const double high = std::max(0.0, 1 - std::abs(t - at) * kFps / 2);
        m(j, 2) += static_cast<float>(high);
        m(j, 0) += static_cast<float>(0.5 * high);
      }
    }
    return m;
  }
};

/// Centres of the n loudest bursts of a sound, in order of time: by energy within 30 ms of where
/// the 10 ms energy is largest, each taken away before the next is sought.
inline std::vector<double> bursts(const std::vector<float>& audio, size_t n) {
  std::vector<double> power(audio.size() / 16);  // a millisecond each
  for (size_t i = 0; i < power.size() * 16; ++i) {
    power[i / 16] += static_cast<double>(audio[i]) * audio[i];
  }
  std::vector<double> out;
  while (out.size() < n) {
    size_t best = 5;
    double most = -1;
    for (size_t i = 5; i + 5 < power.size(); ++i) {
      double sum = 0;
      for (size_t k = i - 5; k < i + 5; ++k) sum += power[k];
      if (sum > most) {
        most = sum;
        best = i;
      }
    }
    const size_t low = best > 30 ? best - 30 : 0, high = std::min(power.size(), best + 30);
    double sum = 0, moment = 0;
    for (size_t i = low; i < high; ++i) {
      sum += power[i];
      moment += power[i] * (static_cast<double>(i) + 0.5) / 1000;
      power[i] = 0;
    }
    out.push_back(moment / sum);
  }
  std::sort(out.begin(), out.end());
  return out;
}

/// Centres of the n pulses of a curve, in seconds of the take's audio, the same way.
inline std::vector<double> pulses(const augment::Take& take, int64_t curve, size_t n) {
  std::vector<double> value;
  for (int64_t j = 0; j < take.curves.rows; ++j) value.push_back(take.curves(j, curve));
  std::vector<double> out;
  while (out.size() < n) {
    const auto best =
        static_cast<size_t>(std::max_element(value.begin(), value.end()) - value.begin());
    const size_t low = best > 4 ? best - 4 : 0, high = std::min(value.size(), best + 5);
    double sum = 0, moment = 0;
    for (size_t j = low; j < high; ++j) {
      sum += value[j];
      moment += value[j] * take.frame_s(static_cast<int64_t>(j));
      value[j] = 0;
    }
    out.push_back(moment / sum);
  }
  std::sort(out.begin(), out.end());
  return out;
}

}  // namespace kuchi::test
