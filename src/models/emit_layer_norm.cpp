#include <stdexcept>

#include "models/onnx.h"

namespace kuchi::models {

onnx::Value emit(onnx::Graph& g, const torch::nn::LayerNormImpl& layer, const onnx::Value& x) {
  if (!layer.weight.defined() || !layer.bias.defined()) {
    throw std::logic_error("onnx: no emitter for a LayerNorm without weights");
  }
  const auto axes = static_cast<int64_t>(layer.options.normalized_shape().size());
  return g.add("LayerNormalization",
               {x, emit(g, "weight", layer.weight), emit(g, "bias", layer.bias)},
               {{"axis", -axes}, {"epsilon", static_cast<float>(layer.options.eps())}});
}

}  // namespace kuchi::models
