#include <ATen/ATen.h>

#include "core/text.h"
#include "edge/onnx_constant.h"
#include "encoders/onnx_parts.h"
#include "onnx/ops.h"

namespace kuchi::encoders {
namespace {

/// In evaluation mode a batch norm is a line a channel.
onnx::Value emit_batch_norm(onnx::Graph& g, const PositionConv& conv, const onnx::Value& x) {
  const onnx::Graph::Part part(g, "batch_norm");
  const auto slope = conv.batch_weight / (conv.batch_variance + 1e-5).sqrt();
  const auto offset = conv.batch_bias - conv.batch_mean * slope;
  return onnx::add(g, onnx::mul(g, x, edge::constant(g, "slope", slope)),
                   edge::constant(g, "offset", offset));
}

/// x [batch, n, hidden] → the same; an even kernel makes one frame too many.
onnx::Value emit_conv(onnx::Graph& g, const PositionConv& conv, int64_t groups,
                      const onnx::Value& x) {
  const int64_t kernel = conv.weight.size(2);
  const auto y =
      onnx::conv(g, onnx::transpose(g, x, {0, 2, 1}), edge::weight(g, "weight", conv.weight, 0),
                 edge::constant(g, "bias", conv.bias), {1, kernel / 2, groups});
  const auto frames = onnx::transpose(g, y, {0, 2, 1});
  if (kernel % 2 != 0) return frames;
  return onnx::slice(g, frames, g.integers({0}), onnx::unsqueeze(g, onnx::size_of(g, x, 1), {0}),
                     1);
}

}  // namespace

onnx::Value emit(onnx::Graph& g, const Positions& positions, const onnx::Value& x,
                 const onnx::Value& valid) {
  // What a convolution finds beyond a clip's end is zero, as a clip alone is padded.
  const auto within = [&](const onnx::Value& y) {
    return onnx::where(g, valid, y, g.number(0, onnx::Type::float32));
  };
  auto y = x;
  for (size_t i = 0; i < positions.convs.size(); ++i) {
    const auto& conv = positions.convs[i];
    const onnx::Graph::Part part(g, cat("positions.", i));
    if (i > 0) y = within(y);
    if (conv.batch_mean.defined()) y = within(emit_batch_norm(g, conv, y));
    y = emit_conv(g, conv, positions.groups, y);
    if (positions.stacked) {
      const onnx::Graph::Part norm(g, "norm");
      y = emit(g, Norm(), conv.weight.size(0), y);
    }
    y = emit(g, positions.activation, y);
  }
  return y;
}

}  // namespace kuchi::encoders
