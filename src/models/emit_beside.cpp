#include "models/onnx.h"
#include "onnx/ops.h"

namespace kuchi::models {

onnx::Value emit_beside(onnx::Graph& g, const onnx::Value& x, const onnx::Value& values) {
  const auto sizes = onnx::slice(g, onnx::shape_of(g, x), g.integers({0}), g.integers({2}), 0);
  const auto every_frame = onnx::concat(g, {sizes, g.integers({1})}, 0);  // 1: as wide as it is
  return onnx::concat(g, {x, onnx::expand_to(g, onnx::unsqueeze(g, values, {1}), every_frame)}, 2);
}

}  // namespace kuchi::models
