// src/train/sampler.h
#pragma once

#include <map>
#include <vector>

#include "augment/augment.h"
#include "features/normalise.h"
#include "train/clips.h"
#include "train/experiment.h"
#include "train/marks.h"
#include "train/variants.h"

namespace kuchi::train {

/// What a training hears of a segment in an epoch: the clip's own features, or changed ones. A pure
/// function of (seed, epoch, segment), whatever thread asks.
class Sampler {
 public:
  /// `clips` holds the pieces (see what_to_keep); it, `marks` and the experiment must outlive this;
  /// `moments` are those of the features as they are. With augment.audio=cached every clip's
  /// variants are made here. UserError: see augment::make_scene.
  Sampler(const Experiment& experiment, const Clips& clips, const Marks& marks,
          const data::StoreInfo& store, std::vector<data::Piece> pieces,
          const features::Moments& moments);

  Sample sample(const data::Segment& segment, int64_t epoch) const;
  /// Audio and curves of a segment with all changes to audio that this epoch draws, as in the loop;
  /// for clips with audio.
  augment::Take take(const data::Segment& segment, int64_t epoch) const;

 private:
  augment::Key key(const data::Segment& segment, int64_t epoch) const;
  const data::Piece& piece_of(const data::Segment& segment) const;
  Sample drawn(const data::Segment& segment, int64_t epoch) const;
  Sample unchanged(const data::Segment& segment) const;
  augment::Take changed(const data::Segment& segment, int64_t epoch, double rate) const;
  Sample hear(const augment::Take& take) const;
  Sample in_the_loop(const data::Segment& segment, int64_t epoch, double rate) const;
  Sample of_a_variant(const data::Segment& segment, int64_t epoch, double rate) const;

  const augment::Options& augment_;
  const features::Options& features_;
  const Clips& clips_;
  const Marks& marks_;
  uint64_t seed_;
  double fps_;
  bool hears_audio_, changes_audio_;
  std::vector<data::Piece> pieces_;
  augment::Scene scene_;
  std::vector<float> mean_, std_;                   // [dim] of the features as they are
  std::map<int64_t, double> speech_rms_;            // by clip
  std::map<int64_t, std::vector<Variant>> cached_;  // by clip
};

/// What a training with this configuration needs of its clips.
Keep what_to_keep(const Experiment& experiment);

}  // namespace kuchi::train
