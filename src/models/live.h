// src/models/live.h
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>

#include "curves/live_resampler.h"
#include "features/feature_stream.h"
#include "models/model.h"

namespace kuchi::models {

/// How late a model's curves are in live use.
struct Delay {
  int64_t lookahead_frames = 0;  // of the head
  double audio_s = 0;            // a frame needs audio up to so long after its own time, at most
  double known_s = 0;  // and comes out when so much has been heard: a frame is known to be one of
                       // the clip's only when the audio reaches the next
};
/// nullopt where a frame needs the whole clip: by its head, or by its features.
std::optional<Delay> delay(const Head& head, const features::Options& features, double fps);

/// A model at work on audio that is still coming: features, normalisation and head frame by frame.
/// However the audio is cut into pieces, all curves together are those of the whole clip at once,
/// within 1e-5. One clip, one thread at a time; memory does not grow.
class Live {
 public:
  /// The model is on the CPU, in evaluation mode, and outlives this; it is told what Model::tell()
  /// said last. fps: of the curves that come out, if not the model's own (live_resampler.h).
  /// UserError (config), beginning with `name`, for a model that hears whole clips, or whose head
  /// keeps its weights in float32 only.
  Live(Model& model, const std::string& name, std::optional<double> fps = {},
       LiveWeights weights = LiveWeights::float32);
  /// The samples that follow, 16 kHz mono → [frames, curves]: what can be known now, in order
  Matrix push(std::span<const float> samples);
  /// No more will come → [frames, curves], those still owed: in all as many as
  /// features::frame_count() says. The last call.
  Matrix finish();
  double fps() const { return fps_; }

 private:
  at::Tensor hear(const Matrix& features);

  Model& model_;
  std::vector<Told> told_;  // one
  double fps_;
  features::FeatureStream features_;
  std::unique_ptr<HeadStream> head_;
  std::optional<curves::LiveResampler> resampler_;
};

}  // namespace kuchi::models
