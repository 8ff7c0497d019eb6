#include <stdexcept>

#include "features/onnx.h"
#include "models/audio_head.h"
#include "models/model.h"
#include "models/onnx.h"
#include "onnx/ops.h"

namespace kuchi::models {
onnx::Value Model::emit_normalised(onnx::Graph& g, const onnx::Value& features,
                                   const onnx::Value& valid, const OnnxTold& told) const {
  const onnx::Graph::Part part(g, "normalise");
  const auto centred = onnx::sub(g, features, models::emit(g, "mean", feature_mean_));
  auto x = onnx::div(g, centred, models::emit(g, "std", feature_std_));
  if (mix_) x = mix_->emit(g, x);
  if (condition_) x = emit_beside(g, x, condition_->emit(g, told));
  return onnx::where(g, valid, x, g.number(0, onnx::Type::float32));
}

onnx::Value Model::emit(onnx::Graph& g, const onnx::Value& features, const onnx::Value& lengths,
                        const OnnxTold& told) const {
  const auto inside = onnx::within(g, onnx::size_of(g, features, 1), lengths);
  OnnxBatch batch{features, lengths, onnx::unsqueeze(g, inside, {2})};
  const auto zero = g.number(0, onnx::Type::float32);
  batch.x = emit_normalised(g, features, batch.valid, told);
  const onnx::Graph::Part part(g, card_.head);
  return onnx::where(g, batch.valid, head_->emit(g, batch), zero);
}

onnx::Value Model::emit_heard(onnx::Graph& g, const onnx::Value& audio, const onnx::Value& samples,
                              const OnnxTold& told) const {
  if (audio_head_ == nullptr) throw std::logic_error("a head that hears features was given audio");
  const onnx::Graph::Part part(g, card_.head);
  const auto lengths = features::emit_frame_count(g, samples, card_.fps);
  const auto frames = features::emit_frame_count(g, onnx::size_of(g, audio, 1), card_.fps);
  const auto inside = onnx::unsqueeze(g, onnx::within(g, frames, lengths), {2});
  onnx::Value beside;
  if (condition_) beside = condition_->emit(g, told);
  return onnx::where(g, inside, audio_head_->emit_heard(g, audio, samples, lengths, beside),
                     g.number(0, onnx::Type::float32));
}

}  // namespace kuchi::models
