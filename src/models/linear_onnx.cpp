#include "models/linear.h"
#include "models/onnx.h"
#include "onnx/ops.h"

namespace kuchi::models {

// A window of frames under one matrix is a convolution over time; frames outside the clip are zero,
// as its padding is. One frame more is padded and taken off again: runtimes refuse to convolve a
// clip of no frames, whose result is no frames.
onnx::Value LinearHead::emit(onnx::Graph& g, const OnnxBatch& batch) const {
  const auto kernel =
      models::emit(g, "weight", weight_.permute({2, 1, 0}));  // [curves, dim, window]
  const auto padded = onnx::pad_last(g, onnx::transpose(g, batch.x, {0, 2, 1}), 3, options_.context,
                                     g.integers({options_.context + 1}));
  const auto y = onnx::transpose(g, g.add("Conv", {padded, kernel, models::emit(g, "bias", bias_)}),
                                 {0, 2, 1});
  const auto frames = onnx::unsqueeze(g, onnx::size_of(g, batch.x, 1), {0});
  return onnx::slice(g, y, g.integers({0}), frames, 1);
}

}  // namespace kuchi::models
