#include "models/mean.h"
#include "models/onnx.h"
#include "onnx/ops.h"

namespace kuchi::models {

namespace {

/// A row for every one of x [batch, frames, any]
onnx::Value every_row(onnx::Graph& g, const at::Tensor& row, const onnx::Value& x) {
  const auto sizes = onnx::slice(g, onnx::shape_of(g, x), g.integers({0}), g.integers({2}), 0);
  return onnx::expand_to(g, models::emit(g, "mean", row),
                         onnx::concat(g, {sizes, g.integers({row.size(0)})}, 0));
}

}  // namespace

onnx::Value MeanHead::emit(onnx::Graph& g, const OnnxBatch& batch) const {
  return every_row(g, mean_, batch.x);
}

bool MeanHead::emit_stream(onnx::Graph& g, OnnxStates&, StreamRows& rows) const {
  rows.x = every_row(g, mean_, rows.x);
  return true;
}

}  // namespace kuchi::models
