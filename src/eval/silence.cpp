#include "eval/silence.h"

#include <algorithm>
#include <cmath>

#include "stats/interval.h"

namespace kuchi::eval {
namespace {
constexpr double kWindow_s = 0.025;
constexpr double kShortest_s = 0.2;
constexpr double kShare = 0.01;  // 40 dB

double level(std::span<const float> audio, double audio_hz, double fps, int64_t frame) {
  const auto samples = static_cast<int64_t>(audio.size());
  const auto window = static_cast<int64_t>(std::llround(kWindow_s * audio_hz));
  const auto middle = std::llround(static_cast<double>(frame) * audio_hz / fps);
  const int64_t begin = std::clamp<int64_t>(middle - window / 2, 0, samples);
  const int64_t end = std::clamp<int64_t>(middle - window / 2 + window, 0, samples);
  if (begin == end) return 0;
  double squares = 0;
  for (int64_t i = begin; i < end; ++i) {
    const double x = audio[static_cast<size_t>(i)];
    squares += x * x;
  }
  return std::sqrt(squares / static_cast<double>(end - begin));
}

}  // namespace

std::vector<double> frame_levels(std::span<const float> audio, double audio_hz, double fps,
                                 int64_t frames) {
  std::vector<double> levels;
  for (int64_t t = 0; t < frames; ++t) levels.push_back(level(audio, audio_hz, fps, t));
  return levels;
}

std::vector<bool> silent_frames(std::span<const float> audio, double audio_hz, double fps,
                                int64_t frames) {
  if (audio.empty()) return {};
  const auto levels = frame_levels(audio, audio_hz, fps, frames);
  std::vector<double> sorted = levels;
  std::sort(sorted.begin(), sorted.end());
  const double bar = kShare * stats::quantile(sorted, 0.95);

  std::vector<bool> silent(levels.size());
  size_t begin = 0;
  for (size_t t = 0; t <= levels.size(); ++t) {
    if (t < levels.size() && levels[t] <= bar) continue;
    const double length_s = static_cast<double>(t - begin) / fps;
    if (length_s >= kShortest_s - 1e-9) {
      for (size_t i = begin; i < t; ++i) silent[i] = true;
    }
    begin = t + 1;
  }
  return silent;
}

std::vector<bool> silent_frames(const ClipResult& clip) {
  return silent_frames(clip.audio, clip.audio_hz, clip.fps, clip.target.rows);
}

}  // namespace kuchi::eval
