#include "models/mean.h"
#include "models/onnx.h"
#include "onnx/ops.h"

namespace kuchi::models {

onnx::Value MeanHead::emit(onnx::Graph& g, const OnnxBatch& batch) const {
  return onnx::expand_to(
      g, models::emit(g, "mean", mean_),
      onnx::concat(g,
                   {onnx::slice(g, onnx::shape_of(g, batch.x), g.integers({0}), g.integers({2}), 0),
                    g.integers({mean_.size(0)})},
                   0));
}

}  // namespace kuchi::models
