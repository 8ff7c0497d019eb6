// The clips of tests/golden/make_metrics.py, by the same formula: integer hashes and operations
// that IEEE 754 rounds alike everywhere, so both sides see the same bits.
#pragma once

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "eval/clip.h"

namespace kuchi::golden {

inline constexpr int64_t kCurves = 8;
inline constexpr double kAmplitude[] = {0.8, 0.3, 0.0, 0.001, 0.5, 1.6, 0.05, 0.6};
inline constexpr double kOffset[] = {0.1, 0.0, 0.25, 0.4, 0.2, -0.8, 0.5, 0.3};

inline uint64_t mix(uint64_t z) {
  z += 0x9e3779b97f4a7c15ULL;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
  return z ^ (z >> 31);
}

inline uint64_t hash3(uint64_t a, uint64_t b, uint64_t c) { return mix(mix(mix(a) ^ b) ^ c); }

inline double uniform(uint64_t a, uint64_t b, uint64_t c) {
  return static_cast<double>(hash3(a, b, c) >> 11) * 0x1.0p-53;
}

inline double triangle(int64_t x, int64_t period) {
  return static_cast<double>(std::abs(2 * (x % period) - period)) / static_cast<double>(period);
}

inline eval::ClipResult make_clip(uint64_t id, int64_t frames, double fps) {
  eval::ClipResult clip;
  clip.id = "clip" + std::to_string(id);
  clip.fps = fps;
  clip.target = Matrix(frames, kCurves);
  clip.prediction = Matrix(frames, kCurves);
  for (int64_t c = 0; c < kCurves; ++c) {
    const auto k = static_cast<uint64_t>(c);
    const bool training = id >= 100 && id < 200;
    const double amplitude = c == 7 && !training ? 0.0 : kAmplitude[c];
    const auto slow = static_cast<int64_t>(11 + hash3(id, k, 1) % 37);
    const auto fast = static_cast<int64_t>(5 + hash3(id, k, 2) % 13);
    for (int64_t t = 0; t < frames; ++t) {
      double wave = 0.5 * triangle(t, slow) + 0.3 * triangle(t, fast);
      wave = wave + 0.2 * uniform(id, k, static_cast<uint64_t>(1000 + t));
      clip.target(t, c) = static_cast<float>(kOffset[c] + amplitude * wave);
    }
    for (int64_t t = 0; t < frames; ++t) {
      const double draw = uniform(id, k, static_cast<uint64_t>(500000 + t));
      const double noise = 0.15 * kAmplitude[c] * (draw - 0.5);
      const double before = clip.target(std::max<int64_t>(t - 1, 0), c);
      clip.prediction(t, c) = static_cast<float>(c == 4 ? 0.2 : 0.8 * before + 0.05 + noise);
    }
  }
  return clip;
}

inline std::vector<eval::ClipResult> few() {
  return {make_clip(1, 1, 30),   make_clip(2, 2, 30),   make_clip(3, 3, 30),
          make_clip(4, 400, 30), make_clip(5, 733, 30), make_clip(6, 1000, 60)};
}

inline std::vector<eval::ClipResult> many() {
  std::vector<eval::ClipResult> clips;
  for (uint64_t i = 0; i < 24; ++i) {
    clips.push_back(make_clip(200 + i, static_cast<int64_t>(40 + hash3(i, 7, 7) % 60), 30));
  }
  return clips;
}

inline eval::Reference training_reference() {
  eval::ReferenceBuilder builder;
  for (uint64_t i = 0; i < 4; ++i) builder.add(make_clip(100 + i, 300, 30).target);
  return builder.finish();
}

inline std::vector<eval::CurveInfo> curves() {
  std::vector<eval::CurveInfo> out;
  for (int64_t c = 0; c < kCurves; ++c) {
    out.push_back({"curve" + std::to_string(c), c == 5 ? 2.0 : 1.0, kOffset[c]});
  }
  return out;
}

}  // namespace kuchi::golden
