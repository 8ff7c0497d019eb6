#include "train/sampler.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "audio/audio.h"
#include "train/cut.h"

namespace kuchi::train {
namespace {

/// Where a segment's frames come from when it is spoken `rate` times as fast: as many as before,
/// reaching beyond its end into the same piece, never into another split.
std::vector<double> places_at_rate(const data::Piece& piece, const data::Segment& segment,
                                   double rate) {
  const auto low = static_cast<double>(piece.begin), high = static_cast<double>(piece.end - 1);
  const double span = static_cast<double>(segment.frames() - 1) * rate;
  const double begin = std::max(low, std::min(static_cast<double>(segment.begin), high - span));
  std::vector<double> places;
  for (int64_t i = 0; i < segment.frames(); ++i) {
    const double place = begin + rate * static_cast<double>(i);
    if (place > high + 1e-9) break;
    places.push_back(place);
  }
  return places;
}

}  // namespace

Keep what_to_keep(const Experiment& experiment) {
  if (experiment.model.chosen().hears_audio()) return Keep::audio;
  if (augment::changes_audio(experiment.augment)) return Keep::features_and_audio;
  return experiment.augment.rate > 0 ? Keep::features_at_any_time : Keep::features;
}

Sampler::Sampler(const Experiment& experiment, const Clips& clips, const Marks& marks,
                 const data::StoreInfo& store, std::vector<data::Piece> pieces,
                 const features::Moments& moments)
    : augment_(experiment.augment),
      features_(experiment.features),
      clips_(clips),
      marks_(marks),
      seed_(static_cast<uint64_t>(experiment.train.seed)),
      fps_(store.fps),
      hears_audio_(experiment.model.chosen().hears_audio()),
      changes_audio_(augment::changes_audio(augment_)),
      pieces_(std::move(pieces)),
      mean_(moments.mean.begin(), moments.mean.end()),
      std_(moments.std.begin(), moments.std.end()) {
  if (!changes_audio_) return;
  scene_ = augment::make_scene(augment_, store.rig);
  for (const auto& piece : pieces_) {
    speech_rms_.try_emplace(piece.clip, augment::speech_rms(clips_.audio(piece.clip)));
  }
  if (augment_.audio == augment::Computed::cached) {
    cached_ =
        make_variants({augment_, scene_, features_, seed_, fps_, store.hash, store.lag_frames},
                      clips_, speech_rms_);
  }
}

augment::Key Sampler::key(const data::Segment& s, int64_t epoch) const {
  // Keyed by where the segment begins too: two of one clip must not be changed alike.
  return {seed_, static_cast<uint64_t>(epoch),
          static_cast<uint64_t>(s.clip) << 32 | static_cast<uint64_t>(s.begin)};
}

const data::Piece& Sampler::piece_of(const data::Segment& s) const {
  for (const auto& p : pieces_) {
    if (p.clip == s.clip && p.begin <= s.begin && s.end <= p.end) return p;
  }
  throw std::logic_error("a segment that is in no piece");
}

Sample Sampler::sample(const data::Segment& s, int64_t epoch) const {
  auto out = drawn(s, epoch);
  // A mirror may have changed which curves are there.
  if (!clips_.captured(s.clip).empty()) out.present = present_columns(out.targets);
  return out;
}

Sample Sampler::drawn(const data::Segment& s, int64_t epoch) const {
  const auto stream = [&](const char* purpose) {
    const auto k = key(s, epoch);
    return Stream(k.seed, purpose, k.epoch, k.place);
  };
  const double rate = augment_.rate > 0 ? augment::draw_rate(augment_, stream("rate")) : 1;
  Sample sample;
  if (!cached_.empty()) {
    sample = of_a_variant(s, epoch, rate);
  } else if (changes_audio_) {
    sample = in_the_loop(s, epoch, rate);
  } else if (augment_.rate > 0) {
    const auto places = places_at_rate(piece_of(s), s, rate);
    sample = {clips_.features_at(s.clip, places), clips_.curves_at(s.clip, places)};
    marks_.mark(sample, s.clip, places);
  } else {
    sample = unchanged(s);
  }
  if (hears_audio_) return sample;
  const augment::Layout layout{features::dim(features_) / features_.stack, features_.stack, mean_,
                               std_};
  augment::apply(augment_, layout, stream("augment"), sample.features);
  return sample;
}

Sample Sampler::unchanged(const data::Segment& s) const {
  auto sample = clips_.sample(s);
  marks_.mark(sample, s);
  return sample;
}

augment::Take Sampler::changed(const data::Segment& s, int64_t epoch, double rate) const {
  const auto drawn = key(s, epoch);
  const auto& piece = piece_of(s);
  const double speed = augment::draw_speed(augment_, drawn);
  const auto places = places_at_rate(piece, s, rate * speed);
  auto take = cut(clips_, s.clip, places, fps_,
                  context_within(piece, augment_, features_, hears_audio_, fps_));
  take.step_s = rate / fps_;
  take.speed = speed;
  take.speech_rms = speech_rms_.at(s.clip);
  augment::apply(augment_, scene_, drawn, take);
  return take;
}

augment::Take Sampler::take(const data::Segment& s, int64_t epoch) const {
  return changed(s, epoch, 1);
}

Sample Sampler::hear(const augment::Take& take) const {
  if (hears_audio_) return {Matrix(take.curves.rows, 0), take.curves, framed_audio(take)};
  std::vector<double> times;
  for (int64_t j = 0; j < take.curves.rows; ++j) times.push_back(take.frame_s(j));
  const auto base = features::base_frames(features_, take.audio);
  return {features::frames_at(features_, base, times), take.curves};
}

Sample Sampler::in_the_loop(const data::Segment& s, int64_t epoch, double rate) const {
  if (rate == 1 && !augment::draws_any(augment_, key(s, epoch))) return unchanged(s);
  auto sample = hear(changed(s, epoch, rate));
  const double speed = augment::draw_speed(augment_, key(s, epoch));
  marks_.mark(sample, s.clip, places_at_rate(piece_of(s), s, rate * speed));
  return sample;
}

Sample Sampler::of_a_variant(const data::Segment& s, int64_t epoch, double rate) const {
  const auto& variants = cached_.at(s.clip);
  const auto k = key(s, epoch);
  Stream draw(k.seed, "augment.variant", k.epoch, k.place);
  const auto& variant = variants[static_cast<size_t>(draw.below(variants.size()))];
  auto places = places_at_rate(piece_of(s), s, rate * variant.speed);
  const auto recorded = places;
  for (auto& place : places) place /= variant.speed;
  auto times = places;
  for (auto& t : times) t /= fps_;
  Sample sample = {features::frames_at(features_, variant.base, times),
                   rows_at(variant.curves, places)};
  marks_.mark(sample, s.clip, recorded);
  return sample;
}

}  // namespace kuchi::train
