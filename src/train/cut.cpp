#include "train/cut.h"

#include <algorithm>
#include <cmath>

#include "audio/audio.h"
#include "features/log_mel.h"

namespace kuchi::train {
namespace {
constexpr double kWindow_s = 0.06;  // half a window, neighbours of a stack, and some more
constexpr double kEncoder_s = 1;
}  // namespace

Context context_within(const data::Piece& piece, const augment::Options& augment,
                       const features::Options& features, bool hears_audio, double fps) {
  Context out;
  const double heard_s = features.is_encoder() && !hears_audio ? kEncoder_s : 0;
  out.before_s = heard_s + augment::context_before_s(augment);
  out.after_s = heard_s + augment::context_after_s(augment);
  out.from_s = static_cast<double>(piece.begin) / fps - kWindow_s;
  out.until_s = static_cast<double>(piece.end) / fps + kWindow_s;
  return out;
}

augment::Take cut(const Clips& clips, int64_t clip, std::span<const double> places, double fps,
                  const Context& context) {
  const auto& audio = clips.audio(clip);
  const auto count = static_cast<int64_t>(audio.size());
  const auto sample_of = [&](double seconds) {
    return std::clamp<int64_t>(std::llround(std::min(seconds, 1e9) * audio::kRate), 0, count);
  };
  const double first_s = places.front() / fps, end_s = (places.back() + 1) / fps;
  int64_t begin = sample_of(std::max(first_s - context.before_s, context.from_s));
  begin -= begin % features::kHopSamples;
  const int64_t end = sample_of(std::min(end_s + context.after_s, context.until_s));
  augment::Take take;
  take.audio.assign(audio.begin() + begin, audio.begin() + std::max(begin, end));
  take.first_s = first_s - static_cast<double>(begin) / audio::kRate;
  take.step_s = 1 / fps;
  take.curves = clips.curves_at(clip, places);
  return take;
}

std::vector<float> framed_audio(const augment::Take& take) {
  const auto count = static_cast<int64_t>(take.audio.size());
  const auto begin = std::clamp<int64_t>(std::llround(take.first_s * audio::kRate), 0, count);
  const auto end = std::clamp<int64_t>(std::llround(take.frame_s(take.curves.rows) * audio::kRate),
                                       begin, count);
  std::vector<float> out(take.audio.begin() + begin, take.audio.begin() + end);
  if (out.empty()) out.push_back(0);  // curves that go on beyond their audio hear silence
  return out;
}

}  // namespace kuchi::train
