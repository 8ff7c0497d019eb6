#include <torch/nn/modules/activation.h>
#include <torch/nn/modules/dropout.h>

#include <stdexcept>

#include "core/text.h"
#include "models/onnx.h"
#include "onnx/ops.h"

namespace kuchi::models {
namespace nn = torch::nn;
namespace {

/// Every layer that may stand in a sequence: one line a kind.
onnx::Value emit_layer(onnx::Graph& g, nn::Module& layer, const onnx::Value& x) {
  if (const auto* linear = layer.as<nn::LinearImpl>()) return emit(g, *linear, x);
  if (const auto* norm = layer.as<nn::LayerNormImpl>()) return emit(g, *norm, x);
  if (layer.as<nn::ReLUImpl>() != nullptr) return onnx::relu(g, x);
  if (layer.as<nn::DropoutImpl>() != nullptr) return x;
  throw std::logic_error("onnx: no emitter for the layer " + layer.name());
}

}  // namespace

onnx::Value emit(onnx::Graph& g, const nn::SequentialImpl& layers, const onnx::Value& x) {
  auto y = x;
  for (size_t i = 0; i < layers.size(); ++i) {
    const onnx::Graph::Part part(g, cat(i));
    y = emit_layer(g, *layers.ptr(i), y);
  }
  return y;
}

}  // namespace kuchi::models
