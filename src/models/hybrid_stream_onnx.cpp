#include "models/hybrid.h"
#include "models/onnx.h"

namespace kuchi::models {

StreamRows HybridHead::emit_recurrent(onnx::Graph& g, OnnxStates& states,
                                      const StreamRows& rows) const {
  auto out = models::emit_stream(g, states, *lstm_, rows);
  const onnx::Graph::Part part(g, "merge");
  out.x = models::emit(g, *merge_, out.x);
  out.width = rows.width;
  return out;
}

StreamRows HybridHead::emit_stack(onnx::Graph& g, OnnxStates& states,
                                  const StreamRows& rows) const {
  const onnx::Graph::Part part(g, "transformer");
  return stack_->emit_stream(g, states, rows);
}

StreamRows HybridHead::emit_arranged(onnx::Graph& g, OnnxStates& states,
                                     const StreamRows& rows) const {
  switch (options_.arrangement) {
    case Arrangement::attention_over_lstm:
      return emit_stack(g, states, emit_recurrent(g, states, rows));
    case Arrangement::lstm_over_attention:
      return emit_recurrent(g, states, emit_stack(g, states, rows));
    case Arrangement::parallel:
      break;
  }
  // What the LSTM says waits until attention has seen what is to the right.
  auto attended = emit_stack(g, states, rows);
  const auto said = emit_recurrent(g, states, rows);
  const auto waited = states.delayed(g, "said", said.x, attended.late, rows.width);
  attended.x = emit_gated(g, attended.x, waited);
  return attended;
}

bool HybridHead::emit_stream(onnx::Graph& g, OnnxStates& states, StreamRows& rows) const {
  if (!live()) return false;
  {
    const onnx::Graph::Part part(g, "input");
    rows.x = models::emit(g, *input_, rows.x);
    rows.width = options_.transformer.width;
  }
  rows = emit_arranged(g, states, rows);
  const onnx::Graph::Part part(g, "output");
  rows.x = range_->emit(g, models::emit(g, *output_, rows.x));
  return true;
}

}  // namespace kuchi::models
