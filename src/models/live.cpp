#include "models/live.h"

#include <ATen/ATen.h>

#include <algorithm>

#include "core/append_rows.h"
#include "core/error.h"
#include "core/text.h"
#include "edge/matrix_tensor.h"

namespace kuchi::models {
namespace {

features::FeatureStream features_of(const Model& model, const std::string& name) {
  const auto& card = model.card();
  if (model.hears_audio() || !features::can_stream(card.features)) {
    throw UserError(Exit::config,
                    cat(name,
                        ": stands on a speech encoder, which hears the whole clip; live use needs "
                        "a model of log-mel features, or of an encoder's under features.window"));
  }
  return {card.features, card.fps};
}

}  // namespace

std::optional<Delay> delay(const Head& head, const features::Options& features, double fps) {
  const auto frames = head.lookahead_frames();
  const auto reach_s = features::reach_s(features, fps);
  if (!frames || !reach_s) return std::nullopt;
  const double ahead_s = static_cast<double>(*frames) / fps;
  return Delay{*frames, ahead_s + *reach_s, ahead_s + std::max(*reach_s, 1 / fps)};
}

Live::Live(Model& model, const std::string& name, std::optional<double> fps, LiveWeights weights)
    : model_(model),
      told_{model.told()},
      fps_(fps.value_or(model.card().fps)),
      features_(features_of(model, name)) {
  if (!model.head().set_stream_weights(weights)) {
    throw UserError(Exit::config, cat(name, ": its head ", model.card().head, " keeps its weights ",
                                      "as fp32; other weights are for lstm"));
  }
  head_ = model.head().stream();
  if (const auto how = model.head().how_to_stream(); !head_ && !how.empty()) {
    throw UserError(Exit::config, cat(name, ": ", how));
  }
  if (!head_) {
    throw UserError(Exit::config,
                    cat(name, ": its head ", model.card().head,
                        " answers only when the clip is over; live use needs a head that looks "
                        "ahead by some frames only, such as lstm or tcn"));
  }
  if (fps_ != model.card().fps) {
    resampler_.emplace(model.card().fps, fps_, model.card().rig.size());
  }
}

at::Tensor Live::hear(const Matrix& features) {
  const auto batch = edge::to_tensor(features.data, {1, features.rows, features.cols});
  const auto lengths = at::full({1}, features.rows, at::kLong);
  return head_->push(model_.normalise(batch, lengths, told_)[0]);
}

Matrix Live::push(std::span<const float> samples) {
  const at::NoGradGuard no_grad;
  const auto features = features_.push(samples);
  const auto own =
      features.rows > 0 ? edge::to_matrix(hear(features)) : Matrix(0, model_.card().rig.size());
  if (!resampler_) return own;
  return resampler_->push(own, features::frame_count(features_.samples(), fps_));
}

Matrix Live::finish() {
  const at::NoGradGuard no_grad;
  const auto last = edge::to_matrix(at::cat({hear(features_.finish()), head_->finish()}));
  if (!resampler_) return last;
  const auto frames = features::frame_count(features_.samples(), fps_);
  auto out = resampler_->push(last, frames);
  append_rows(out, resampler_->finish(frames));
  return out;
}

}  // namespace kuchi::models
