#include "core/text.h"
#include "models/lookahead.h"
#include "models/onnx.h"
#include "models/tcn.h"
#include "onnx/ops.h"

namespace kuchi::models {

onnx::Value TcnBlock::emit(onnx::Graph& g, const onnx::Value& x, const onnx::Value* mask) const {
  auto y = x;
  for (size_t i = 0; i < 2; ++i) {
    const onnx::Graph::Part part(g, cat("conv.", i));
    y = emit_after_conv(g, i, convs_[i]->emit(g, y));
    if (mask != nullptr) y = onnx::mul(g, y, *mask);
  }
  return onnx::add(g, x, y);
}

onnx::Value TcnBlock::emit_after_conv(onnx::Graph& g, size_t i, const onnx::Value& x) const {
  return onnx::relu(g, models::emit(g, *norms_[i], x));
}

StreamRows TcnBlock::emit_stream(onnx::Graph& g, OnnxStates& states, const StreamRows& rows) const {
  auto y = rows;
  onnx::Value heard;  // the block's rows with those before
  for (size_t i = 0; i < 2; ++i) {
    const auto& conv = *convs_[i];
    const onnx::Graph::Part part(g, cat("conv.", i));
    const auto all = states.with_past(g, "past", y.x, conv.span() - 1, rows.width);
    if (i == 0) heard = all;
    y.x = emit_after_conv(g, i, conv.emit_inside(g, all));
    y.late += conv.after();
    if (conv.after() == 0) continue;  // what hears nothing after it cannot hear what is no frame
    y.inside = states.delayed(g, "inside", y.inside, conv.after(), 1);
    y.x = onnx::mul(g, y.x, y.inside);
  }
  // The block's input is added, frame to frame: both convolutions have the same form.
  const int64_t begin = convs_[0]->span() - 1 - (y.late - rows.late);
  y.x = onnx::add(g, rows_from(g, heard, begin, rows.x), y.x);
  return y;
}

// One frame more than is answered for: runtimes refuse to convolve a clip of no frames.
onnx::Value TcnHead::emit(onnx::Graph& g, const OnnxBatch& batch) const {
  const int64_t late = options_.lookahead;
  auto x = models::emit(g, *input_, emit_continued(g, batch, late + 1));
  onnx::Value mask;
  if (!options_.causal) {
    const auto inside = onnx::within(g, onnx::size_of(g, x, 1), batch.lengths);
    mask = onnx::cast(g, onnx::unsqueeze(g, inside, {2}), onnx::Type::float32);
    x = onnx::mul(g, x, mask);
  }
  for (size_t i = 0; i < blocks_.size(); ++i) {
    const onnx::Graph::Part part(g, cat("block.", i));
    x = blocks_[i]->emit(g, x, options_.causal ? nullptr : &mask);
  }
  const onnx::Graph::Part part(g, "output");
  return range_->emit(g, models::emit(g, *output_, emit_answers(g, x, batch, late)));
}

bool TcnHead::emit_stream(onnx::Graph& g, OnnxStates& states, StreamRows& rows) const {
  const int64_t late = options_.lookahead;
  auto y = rows;
  y.width = options_.width;
  y.x = models::emit(g, *input_, late > 0 ? emit_continued(g, states, rows) : rows.x);
  if (!options_.causal) y.x = onnx::mul(g, y.x, y.inside);
  for (size_t i = 0; i < blocks_.size(); ++i) {
    const onnx::Graph::Part part(g, cat("block.", i));
    y = blocks_[i]->emit_stream(g, states, y);
  }
  const onnx::Graph::Part part(g, "output");
  rows.x = range_->emit(g, models::emit(g, *output_, y.x));
  rows.inside = states.delayed(g, "inside", y.inside, late, 1);
  rows.late = y.late + late;
  return true;
}

}  // namespace kuchi::models
