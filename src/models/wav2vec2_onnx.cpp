#include "core/text.h"
#include "encoders/onnx.h"
#include "features/onnx.h"
#include "models/onnx.h"
#include "models/wav2vec2.h"
#include "onnx/ops.h"

namespace kuchi::models {
namespace {

/// What chosen() picks of the hidden states: [batch, n, hidden].
onnx::Value emit_chosen(onnx::Graph& g, const LayerChoice& layer, const at::Tensor& mix,
                        const encoders::OnnxHidden& hidden) {
  if (layer.last) return hidden.last;
  if (!layer.weighted) return hidden.layers[0];
  const onnx::Graph::Part part(g, "mix");
  onnx::Value sum;
  for (size_t i = 0; i < hidden.layers.size(); ++i) {
    const auto weight = models::emit(g, cat("weight.", i), mix[static_cast<int64_t>(i)]);
    const auto share = onnx::mul(g, hidden.layers[i], weight);
    sum = i == 0 ? share : onnx::add(g, sum, share);
  }
  return sum;
}

}  // namespace

onnx::Value Wav2vec2Head::emit_heard(onnx::Graph& g, const onnx::Value& audio,
                                     const onnx::Value& samples, const onnx::Value& lengths,
                                     const onnx::Value& beside) const {
  const auto& config = encoder().config();
  const auto hidden = encoders::emit(g, encoder(), audio, samples, wanted());
  const auto chosen = emit_chosen(g, layer_, mix(), hidden);
  features::OnnxRows rows;
  {
    const onnx::Graph::Part part(g, "norm");
    rows.rows = models::emit(g, *norm_, chosen);
  }
  rows.last = hidden.last_row;
  rows.dim = config.hidden;
  rows.hop_s = config.hop_s();
  rows.first_s = config.first_frame_s();
  const auto frames = features::emit_frame_count(g, onnx::size_of(g, audio, 1), fps_);
  auto x = features::emit_at_times(g, rows, fps_, frames, /*stack=*/1, /*spacing_s=*/0);
  if (!beside.name.empty()) x = emit_beside(g, x, beside);
  const auto inside = onnx::within(g, frames, lengths);
  OnnxBatch batch{x, lengths, onnx::unsqueeze(g, inside, {2})};
  batch.x = onnx::where(g, batch.valid, x, g.number(0, onnx::Type::float32));
  const onnx::Graph::Part part(g, "head");
  return inner_->emit(g, batch);
}

}  // namespace kuchi::models
