#include "models/linear.h"
#include "models/onnx.h"
#include "onnx/ops.h"

namespace kuchi::models {

// A window of frames under one matrix is a convolution over time; frames outside the clip are zero,
// as its padding is. One frame more is padded and taken off again: runtimes refuse to convolve a
// clip of no frames, whose result is no frames.
onnx::Value LinearHead::emit(onnx::Graph& g, const OnnxBatch& batch) const {
  const auto padded = onnx::pad_last(g, onnx::transpose(g, batch.x, {0, 2, 1}), 3, options_.context,
                                     g.integers({options_.context + 1}));
  return rows_from(g, emit_windows(g, padded), 0, batch.x);
}

bool LinearHead::emit_stream(onnx::Graph& g, OnnxStates& states, StreamRows& rows) const {
  const int64_t late = options_.context;
  const auto all = states.with_past(g, "past", rows.x, 2 * late, rows.width);
  rows.x = emit_windows(g, onnx::transpose(g, all, {0, 2, 1}));
  rows.inside = states.delayed(g, "inside", rows.inside, late, 1);
  rows.late = late;
  return true;
}

/// x [batch, dim, window - 1 + frames] → [batch, frames, curves]
onnx::Value LinearHead::emit_windows(onnx::Graph& g, const onnx::Value& x) const {
  const auto kernel =
      emit_weight(g, "weight", weight_.permute({2, 1, 0}), 0);  // [curves, dim, window]
  return onnx::transpose(g, g.add("Conv", {x, kernel, models::emit(g, "bias", bias_)}), {0, 2, 1});
}

}  // namespace kuchi::models
