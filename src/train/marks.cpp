#include "train/marks.h"

#include <algorithm>
#include <cmath>

#include "audio/audio.h"
#include "core/interrupt.h"
#include "eval/lips.h"
#include "eval/silence.h"

namespace kuchi::train {
namespace {

/// Apertures of a clip's training frames.
std::vector<float> apertures(const data::Store& store, const std::vector<data::Piece>& pieces,
                             int64_t clip) {
  std::vector<float> out;
  for (const auto& piece : pieces) {
    if (piece.clip != clip) continue;
    const auto curves = store.read_curves(clip, piece.begin, piece.end);
    const auto some = curves::aperture(store.info().rig, curves.data, curves.rows);
    out.insert(out.end(), some.begin(), some.end());
  }
  return out;
}

}  // namespace

Marks::Marks(const data::Store& store, const std::vector<data::Piece>& pieces,
             const LossOptions& loss)
    : rig_(store.info().rig), lips_(loss.lips > 0 || loss.closure > 0), silence_(loss.silence > 0) {
  if (!lips_ && !silence_) return;
  const auto& info = store.info();
  for (const auto& name : rig_.aperture.names()) {
    aperture_.push_back(static_cast<size_t>(rig_.index(name)));
  }
  clips_.resize(info.clips.size());
  for (size_t i = 0; i < clips_.size(); ++i) {
    const auto clip = static_cast<int64_t>(i);
    const auto touches = [&](const data::Piece& p) { return p.clip == clip && p.end > p.begin; };
    if (!std::any_of(pieces.begin(), pieces.end(), touches)) continue;
    check_interrupt();
    clips_[i].lipless = !info.has_aperture(clip);
    if (lips_ && !clips_[i].lipless) {
      clips_[i].closed_below =
          rig_.closed_below.value_or(eval::closed_threshold(apertures(store, pieces, clip)));
    }
    if (silence_) {
      clips_[i].silent =
          eval::silent_frames(store.read_audio(clip), audio::kRate, info.fps, info.clips[i].frames);
      clips_[i].silent.resize(static_cast<size_t>(info.clips[i].frames), true);  // no audio at all
      clips_[i].silent = away_from_speech(
          clips_[i].silent, static_cast<int64_t>(std::llround(loss.silence_margin * info.fps)));
    }
  }
}

void Marks::mark_lips(Sample& sample, const Clip& clip) const {
  sample.lipless = clip.lipless || lacks_lips(sample);
  if (sample.lipless) {
    sample.closed.assign(static_cast<size_t>(sample.targets.rows), false);
    sample.closed_below = 0;
    return;
  }
  const auto aperture = curves::aperture(rig_, sample.targets.data, sample.targets.rows);
  for (const float a : aperture) sample.closed.push_back(a < clip.closed_below);
  sample.closed_below = clip.closed_below;
}

// Not as the clip: a mirrored sample lacks the other side's curves.
bool Marks::lacks_lips(const Sample& sample) const {
  if (sample.targets.rows == 0) return false;
  const auto first = sample.targets.row(0);
  return std::any_of(aperture_.begin(), aperture_.end(),
                     [&](size_t c) { return std::isnan(first[c]); });
}

void Marks::mark(Sample& sample, const data::Segment& segment) const {
  if (!lips_ && !silence_) return;
  const auto& clip = clips_[static_cast<size_t>(segment.clip)];
  if (lips_) mark_lips(sample, clip);
  if (silence_) {
    sample.silent.assign(clip.silent.begin() + segment.begin, clip.silent.begin() + segment.end);
  }
}

void Marks::mark(Sample& sample, int64_t index, std::span<const double> places) const {
  if (!lips_ && !silence_) return;
  const auto& clip = clips_[static_cast<size_t>(index)];
  if (lips_) mark_lips(sample, clip);
  if (!silence_) return;
  for (const double place : places) {
    const auto nearest =
        std::clamp<int64_t>(std::llround(place), 0, static_cast<int64_t>(clip.silent.size()) - 1);
    sample.silent.push_back(clip.silent[static_cast<size_t>(nearest)]);
  }
}

std::vector<bool> away_from_speech(const std::vector<bool>& silent, int64_t margin) {
  const auto frames = static_cast<int64_t>(silent.size());
  auto out = silent;
  for (int64_t t = 0; t < frames; ++t) {
    if (silent[static_cast<size_t>(t)]) continue;
    const int64_t end = std::min(frames, t + margin + 1);
    for (int64_t i = std::max<int64_t>(0, t - margin); i < end; ++i) {
      out[static_cast<size_t>(i)] = false;
    }
  }
  return out;
}

}  // namespace kuchi::train
