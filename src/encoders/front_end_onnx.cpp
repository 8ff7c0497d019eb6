#include <ATen/ATen.h>

#include "core/text.h"
#include "edge/onnx_constant.h"
#include "encoders/onnx_parts.h"
#include "onnx/ops.h"

namespace kuchi::encoders {
namespace {

using onnx::Graph;
using onnx::Type;
using onnx::Value;

/// Frames of a convolution over n samples or frames, which are enough for one.
Value emit_count(Graph& g, const ConvLayer& layer, const Value& n) {
  const auto steps = onnx::sub(g, n, g.integer(layer.weight.size(2)));
  return onnx::add(g, onnx::div(g, steps, g.integer(layer.stride)), g.integer(1));
}

/// What each place of a convolution over one channel sees: audio [batch, samples]
/// → [batch, n, kernel]. A window is that many hops of `stride` samples side by side.
Value emit_windows(Graph& g, const ConvLayer& layer, const Value& audio) {
  const int64_t kernel = layer.weight.size(2), stride = layer.stride;
  const int64_t hops = (kernel + stride - 1) / stride;  // that a window touches
  const auto n = onnx::unsqueeze(g, emit_count(g, layer, onnx::size_of(g, audio, 1)), {0});
  const auto all = onnx::mul(g, onnx::add(g, n, g.integers({hops - 1})), g.integers({stride}));
  const auto padded = onnx::pad_last(g, audio, 2, 0, g.integers({hops * stride}));
  const auto used = onnx::slice(g, padded, g.integers({0}), all, 1);
  const auto rows = onnx::reshape(g, used, {0, -1, stride});
  std::vector<Value> parts;
  for (int64_t i = 0; i < hops; ++i) {
    parts.push_back(onnx::slice(g, rows, g.integers({i}), onnx::add(g, n, g.integers({i})), 1));
  }
  const auto windows = onnx::concat(g, parts, 2);
  if (hops * stride == kernel) return windows;
  return onnx::slice(g, windows, g.integers({0}), g.integers({kernel}), 2);
}

/// The first convolution with its GroupNorm over each clip's own frames. A channel is w · window,
/// so its mean and variance follow from the windows' in double, and the norm becomes part of the
/// weights: the runtime keeps one large result, not five. → [batch, out, n]
Value emit_group_norm(Graph& g, const ConvLayer& layer, const Value& audio, const Value& frames) {
  const int64_t out = layer.weight.size(0), kernel = layer.weight.size(2);
  const auto windows = emit_windows(g, layer, audio);
  const auto columns = onnx::transpose(g, windows, {0, 2, 1});  // [batch, kernel, n]
  const auto inside = onnx::within(g, onnx::size_of(g, windows, 1), frames);
  // Both ways round are cut to the clip before they become double: ONNX Runtime fuses a transpose
  // with the product after it, and then has no such product of doubles.
  const auto own = [&](const Value& x, int64_t axis) {
    const auto valid = onnx::unsqueeze(g, inside, {axis});
    return onnx::cast(g, onnx::where(g, valid, x, g.number(0, Type::float32)), Type::float64);
  };
  const auto rows = own(windows, 2);
  const auto count = onnx::cast(g, onnx::unsqueeze(g, frames, {1, 2}), Type::float64);
  const auto mean = onnx::div(g, onnx::sum(g, rows, {1}), count);  // [batch, 1, kernel]
  const auto products = onnx::matmul(g, own(columns, 1), rows);
  const auto covariance =
      onnx::sub(g, onnx::div(g, products, count),
                onnx::mul(g, onnx::reshape(g, mean, {0, -1, 1}), mean));  // [batch, k, k]

  const auto w = edge::constant64(g, "weight", layer.weight.view({out, kernel}));
  const auto spread = onnx::sum(g, onnx::mul(g, onnx::matmul(g, w, covariance), w), {2});
  const auto variance = onnx::maximum(g, spread, g.number(0, Type::float64));  // [batch, out, 1]
  const auto deviation =
      onnx::sqrt(g, onnx::add(g, variance, g.number(layer.norm->eps, Type::float64)));
  const auto gain = edge::constant64(g, "gain", layer.norm->weight.view({out, 1}));
  const auto scale = onnx::div(g, gain, deviation);
  // The convolution's own bias is part of the mean, and goes with it.
  const auto bias = onnx::sub(g, edge::constant64(g, "bias", layer.norm->bias.view({out, 1})),
                              onnx::mul(g, onnx::sum(g, onnx::mul(g, w, mean), {2}), scale));
  const auto weight = onnx::cast(g, onnx::mul(g, w, scale), Type::float32);  // [batch, out, k]
  const auto y = onnx::matmul(g, weight, columns);
  return onnx::add(g, y, onnx::cast(g, bias, Type::float32));
}

/// x [batch, in, n] → [batch, out, frames], with norm and activation.
Value emit_layer(Graph& g, const ConvLayer& layer, Activation activation, const Value& x) {
  std::optional<Value> bias;
  if (layer.bias.defined()) bias = edge::constant(g, "bias", layer.bias);
  const auto y =
      onnx::conv(g, x, edge::weight(g, "weight", layer.weight, 0), bias, {layer.stride, 0, 1});
  if (!layer.norm) return emit(g, activation, y);
  const Graph::Part part(g, "norm");
  const auto normed = emit(g, *layer.norm, layer.weight.size(0), onnx::transpose(g, y, {0, 2, 1}));
  return onnx::transpose(g, emit(g, activation, normed), {0, 2, 1});
}

}  // namespace

OnnxFrames emit(Graph& g, const FrontEnd& front, const Value& audio, const Value& lengths) {
  auto frames = lengths;
  auto x = onnx::unsqueeze(g, audio, {1});  // [batch, 1, samples]
  for (size_t i = 0; i < front.layers.size(); ++i) {
    const auto& layer = front.layers[i];
    const Graph::Part part(g, cat("conv.", i));
    frames = emit_count(g, layer, frames);
    if (layer.group_norm) {
      x = emit(g, front.activation, emit_group_norm(g, layer, audio, frames));
    } else {
      x = emit_layer(g, layer, front.activation, x);
    }
  }
  return {onnx::transpose(g, x, {0, 2, 1}), frames};
}

}  // namespace kuchi::encoders
