#include "train/clips.h"

#include <algorithm>
#include <cmath>

#include "audio/audio.h"
#include "core/interrupt.h"
#include "core/log.h"
#include "core/text.h"
#include "features/at_times.h"
#include "train/kept_states.h"

namespace kuchi::train {

Clips::Clips(const data::Store& store, const features::Options& options,
             const std::vector<data::Piece>& pieces, Keep keep)
    : options_(options),
      fps_(store.info().fps),
      lag_s_(static_cast<double>(store.info().lag_frames) / fps_),
      keep_(keep) {
  const auto& info = store.info();
  const bool as_stored = features::signature(options) == info.feature_signature;
  if (!as_stored && keep != Keep::audio) {
    note("features: computing " + features::signature(options) +
         " from the store's audio (it holds " + info.feature_signature + ")");
  }
  clips_.resize(info.clips.size());
  std::vector<bool> wanted(info.clips.size(), false);
  for (const auto& piece : pieces) wanted[static_cast<size_t>(piece.clip)] = true;
  Progress progress("reading clips", static_cast<int64_t>(clips_.size()));
  for (size_t i = 0; i < clips_.size(); ++i) {
    if (!wanted[i]) continue;
    check_interrupt();
    const auto clip = static_cast<int64_t>(i);
    clips_[i].curves = store.read_curves(clip);
    clips_[i].captured = info.clips[i].captured;
    progress.at(clip + 1);
    if (keep == Keep::audio || keep == Keep::features_and_audio) {
      clips_[i].audio = store.read_audio(clip);
    }
    if (keep == Keep::audio) continue;
    const bool any_time = keep == Keep::features_at_any_time;
    if (as_stored) clips_[i].features = store.read_features(clip);
    if (as_stored && !any_time) continue;
    auto base = options.is_encoder()
                    ? kept_states(states_folder(info.hash, options) / cat(clip, ".npy"), options,
                                  [&] { return store.read_recording(clip); })
                    : features::base_frames(options, store.read_recording(clip));
    if (!as_stored) {
      auto times = features::frame_times(info.fps, info.clips[i].frames);
      for (auto& t : times) t += lag_s_;
      clips_[i].features = features::frames_at(options, base, times);
    }
    if (any_time) clips_[i].base = std::move(base);
  }
}

Sample Clips::sample(const data::Segment& s) const {
  Sample out{features(s), curves(s)};
  if (keep_ == Keep::audio) out.audio = audio(s);
  out.present = captured(s.clip);
  return out;
}

std::vector<float> Clips::audio(const data::Segment& s) const {
  const auto& clip = clips_[static_cast<size_t>(s.clip)];
  const auto count = static_cast<int64_t>(clip.audio.size());
  const auto sample_of = [&](int64_t frame) {
    return std::min<int64_t>(std::llround(static_cast<double>(frame) * audio::kRate / fps_), count);
  };
  const int64_t begin = sample_of(s.begin);
  const bool whole_end = s.end == clip.curves.rows && features::frame_count(count, fps_) == s.end;
  const int64_t end = whole_end ? count : sample_of(s.end);
  std::vector<float> out(clip.audio.begin() + begin, clip.audio.begin() + end);
  if (out.empty()) out.push_back(0);  // curves that go on beyond their audio hear silence
  return out;
}

Matrix Clips::features(const data::Segment& s) const {
  if (keep_ == Keep::audio) return Matrix(s.frames(), 0);
  return rows_between(clips_[static_cast<size_t>(s.clip)].features, s.begin, s.end);
}

Matrix Clips::curves(const data::Segment& s) const {
  return rows_between(clips_[static_cast<size_t>(s.clip)].curves, s.begin, s.end);
}

Matrix Clips::features_at(int64_t clip, std::span<const double> places) const {
  std::vector<double> times(places.begin(), places.end());
  for (auto& t : times) t = t / fps_ + lag_s_;
  return features::frames_at(options_, clips_[static_cast<size_t>(clip)].base, times);
}

Matrix Clips::curves_at(int64_t clip, std::span<const double> places) const {
  return rows_at(clips_[static_cast<size_t>(clip)].curves, places);
}

const std::vector<float>& Clips::audio(int64_t clip) const {
  return clips_[static_cast<size_t>(clip)].audio;
}

int64_t Clips::frames(int64_t clip) const { return clips_[static_cast<size_t>(clip)].curves.rows; }

const std::vector<bool>& Clips::captured(int64_t clip) const {
  return clips_[static_cast<size_t>(clip)].captured;
}

Matrix rows_between(const Matrix& all, int64_t begin, int64_t end) {
  Matrix out(end - begin, all.cols);
  std::copy(all.data.begin() + begin * all.cols, all.data.begin() + end * all.cols,
            out.data.begin());
  return out;
}

Matrix rows_at(const Matrix& all, std::span<const double> places) {
  Matrix out(static_cast<int64_t>(places.size()), all.cols);
  for (int64_t j = 0; j < out.rows; ++j) {
    const double place =
        std::clamp(places[static_cast<size_t>(j)], 0.0, static_cast<double>(all.rows - 1));
    const auto below = static_cast<int64_t>(place);
    const auto above = std::min(below + 1, all.rows - 1);
    const auto share = static_cast<float>(place - static_cast<double>(below));
    for (int64_t c = 0; c < all.cols; ++c) {
      out(j, c) = all(below, c) + share * (all(above, c) - all(below, c));
    }
  }
  return out;
}

PieceStatistics statistics(const Clips& clips, const std::vector<data::Piece>& pieces) {
  features::MomentSum sum(clips.features({pieces[0].clip, 0, 0}).cols);
  eval::ReferenceBuilder reference;
  for (const auto& piece : pieces) {
    const data::Segment segment{piece.clip, piece.begin, piece.end};
    sum.add(clips.features(segment));
    reference.add(clips.curves(segment), clips.captured(piece.clip));
  }
  return {sum.finish(), reference.finish()};
}

}  // namespace kuchi::train
