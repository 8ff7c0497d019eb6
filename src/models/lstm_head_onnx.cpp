#include "models/lookahead.h"
#include "models/lstm_head.h"
#include "models/onnx.h"
#include "onnx/ops.h"

namespace kuchi::models {

onnx::Value LstmHead::emit(onnx::Graph& g, const OnnxBatch& batch) const {
  const int64_t late = options_.lookahead;
  OnnxBatch steps = batch;
  if (late > 0) {
    steps.x = emit_continued(g, batch, late);
    steps.lengths = onnx::add(g, batch.lengths, g.integer(late));
  }
  {
    const onnx::Graph::Part part(g, "projection");
    steps.x = models::emit(g, *projection_, steps.x);
  }
  auto heard = models::emit(g, *lstm_, steps);
  if (late > 0) heard = emit_answers(g, heard, batch, late);
  const onnx::Graph::Part part(g, "output");
  return range_->emit(g, models::emit(g, *output_, heard));
}

bool LstmHead::emit_stream(onnx::Graph& g, OnnxStates& states, StreamRows& rows) const {
  const int64_t late = options_.lookahead;
  if (late > 0) rows.x = emit_continued(g, states, rows);
  {
    const onnx::Graph::Part part(g, "projection");
    rows.x = models::emit(g, *projection_, rows.x);
  }
  const auto heard = models::emit_stream(g, states, *lstm_, rows);
  const onnx::Graph::Part part(g, "output");
  rows.x = range_->emit(g, models::emit(g, *output_, heard.x));
  rows.inside = states.delayed(g, "inside", rows.inside, late, 1);
  rows.late = late;
  return true;
}

}  // namespace kuchi::models
