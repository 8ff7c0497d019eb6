#include "models/layer_mix.h"

#include <ATen/ATen.h>

#include "models/onnx.h"
#include "onnx/ops.h"

namespace kuchi::models {

LayerMix::LayerMix(const features::Options& o)
    : layers_(o.facts.layers + 1), hidden_(o.facts.hidden), stack_(o.stack) {
  mix_ = register_parameter("mix", at::zeros({layers_}));
  gain_ = register_parameter("gain", at::ones({1}));
}

at::Tensor LayerMix::weights() const { return at::softmax(mix_, 0); }

at::Tensor LayerMix::forward(const at::Tensor& x) const {
  const auto states = x.view({x.size(0), x.size(1), stack_, layers_, hidden_});
  const auto sum = (states * weights().view({layers_, 1})).sum(3);
  return (gain_ * sum).flatten(2);
}

onnx::Value LayerMix::emit(onnx::Graph& g, const onnx::Value& x) const {
  const onnx::Graph::Part part(g, "mix");
  // As a product with a constant: [1, layers] × [layers, hidden] for each neighbour of a frame.
  const auto states = onnx::reshape(g, x, {0, -1, stack_, layers_, hidden_});
  const auto w = models::emit(g, "weights", (gain_ * weights()).detach().view({1, layers_}));
  return onnx::reshape(g, onnx::matmul(g, w, states), {0, -1, stack_ * hidden_});
}

bool is_layer_mix(const std::string& name) { return name == "layers.mix" || name == "head.mix"; }

std::vector<double> layer_weights(const edge::NamedTensors& tensors) {
  for (const auto& [name, tensor] : tensors) {
    if (!is_layer_mix(name)) continue;
    const auto shares = tensor.detach().to(at::kCPU, at::kDouble).softmax(0);
    return {shares.data_ptr<double>(), shares.data_ptr<double>() + shares.numel()};
  }
  return {};
}

}  // namespace kuchi::models
