#include "models/model.h"
#include "models/onnx.h"
#include "onnx/ops.h"

namespace kuchi::models {

onnx::Value Model::emit(onnx::Graph& g, const onnx::Value& features,
                        const onnx::Value& lengths) const {
  const auto at = onnx::range(g, onnx::size_of(g, features, 1));
  const auto inside = onnx::less(g, at, onnx::unsqueeze(g, lengths, {1}));
  OnnxBatch batch{features, lengths, onnx::unsqueeze(g, inside, {2})};
  const auto zero = g.number(0, onnx::Type::float32);
  {
    const onnx::Graph::Part part(g, "normalise");
    const auto centred = onnx::sub(g, features, models::emit(g, "mean", feature_mean_));
    const auto x = onnx::div(g, centred, models::emit(g, "std", feature_std_));
    batch.x = onnx::where(g, batch.valid, x, zero);
  }
  const onnx::Graph::Part part(g, card_.head);
  return onnx::where(g, batch.valid, head_->emit(g, batch), zero);
}

}  // namespace kuchi::models
