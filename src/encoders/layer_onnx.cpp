#include <ATen/ATen.h>

#include <cmath>
#include <numbers>
#include <stdexcept>

#include "edge/onnx_constant.h"
#include "encoders/onnx_parts.h"
#include "onnx/ops.h"

namespace kuchi::encoders {

onnx::Value emit(onnx::Graph& g, const Linear& linear, const onnx::Value& x) {
  const auto y = onnx::matmul(g, x, edge::weight(g, "weight", linear.merged().t(), 1));
  return linear.bias.defined() ? onnx::add(g, y, edge::constant(g, "bias", linear.bias)) : y;
}

onnx::Value emit(onnx::Graph& g, const Norm& norm, int64_t dim, const onnx::Value& x) {
  const bool affine = norm.weight.defined();
  const auto weight = edge::constant(g, "weight", affine ? norm.weight : at::ones({dim}));
  const auto bias = edge::constant(g, "bias", affine ? norm.bias : at::zeros({dim}));
  return onnx::layer_norm(g, x, weight, bias, norm.eps);
}

onnx::Value emit(onnx::Graph& g, Activation activation, const onnx::Value& x) {
  const auto number = [&](double value) { return g.number(value, onnx::Type::float32); };
  const auto half = [&](const onnx::Value& gate) {  // x (1 + gate) / 2
    return onnx::mul(g, onnx::mul(g, x, onnx::add(g, gate, number(1))), number(0.5));
  };
  switch (activation) {
    case Activation::gelu:
      return half(onnx::erf(g, onnx::div(g, x, number(std::numbers::sqrt2))));
    case Activation::gelu_tanh: {
      const auto cube = onnx::mul(g, onnx::mul(g, x, x), x);
      const auto sum = onnx::add(g, x, onnx::mul(g, cube, number(0.044715)));
      return half(onnx::tanh(g, onnx::mul(g, sum, number(std::sqrt(2 / std::numbers::pi)))));
    }
    case Activation::relu:
      return onnx::relu(g, x);
    case Activation::silu:
      return onnx::mul(g, x, onnx::sigmoid(g, x));
  }
  throw std::logic_error("unknown activation");
}

onnx::Value emit(onnx::Graph& g, const Layer& layer, const onnx::Value& x, const OnnxKeys& keys) {
  const int64_t hidden = layer.down.weight.size(0);
  const auto norm = [&](const char* name, const Norm& n, const onnx::Value& in) {
    const onnx::Graph::Part part(g, name);
    return emit(g, n, hidden, in);
  };
  const auto feed_forward = [&](const onnx::Value& in) {
    const onnx::Graph::Part part(g, "feed_forward");
    return emit(g, layer.down, emit(g, layer.activation, emit(g, layer.up, in)));
  };
  const auto attend = [&](const onnx::Value& in) {
    const onnx::Graph::Part part(g, "attention");
    return emit(g, layer.attention, in, keys);
  };
  if (layer.pre_norm) {
    const auto y = onnx::add(g, x, attend(norm("attention_norm", layer.attention_norm, x)));
    return onnx::add(g, y, feed_forward(norm("final_norm", layer.final_norm, y)));
  }
  const auto y = norm("attention_norm", layer.attention_norm, onnx::add(g, x, attend(x)));
  return norm("final_norm", layer.final_norm, onnx::add(g, y, feed_forward(y)));
}

}  // namespace kuchi::encoders
