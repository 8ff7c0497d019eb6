#include "models/linear.h"
#include "models/onnx.h"
#include "onnx/ops.h"

namespace kuchi::models {

// A window of frames under one matrix is a convolution over time; frames outside the clip are zero,
// as its padding is.
onnx::Value LinearHead::emit(onnx::Graph& g, const OnnxBatch& batch) const {
  const auto kernel =
      models::emit(g, "weight", weight_.permute({2, 1, 0}));  // [curves, dim, window]
  const std::vector<int64_t> pads = {options_.context, options_.context};
  const auto y = g.add(
      "Conv", {onnx::transpose(g, batch.x, {0, 2, 1}), kernel, models::emit(g, "bias", bias_)},
      {{"pads", pads}});
  return onnx::transpose(g, y, {0, 2, 1});
}

}  // namespace kuchi::models
