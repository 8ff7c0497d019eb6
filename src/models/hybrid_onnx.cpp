#include "models/hybrid.h"
#include "models/onnx.h"
#include "onnx/ops.h"

namespace kuchi::models {

onnx::Value HybridHead::emit_recurrent(onnx::Graph& g, const OnnxBatch& batch) const {
  const auto heard = models::emit(g, *lstm_, batch);
  const onnx::Graph::Part part(g, "merge");
  return models::emit(g, *merge_, heard);
}

onnx::Value HybridHead::emit_stack(onnx::Graph& g, const OnnxBatch& batch) const {
  const onnx::Graph::Part part(g, "transformer");
  return stack_->emit(g, batch);
}

onnx::Value HybridHead::emit_arranged(onnx::Graph& g, const OnnxBatch& batch) const {
  const auto of = [&](const onnx::Value& x) { return OnnxBatch{x, batch.lengths, batch.valid}; };
  switch (options_.arrangement) {
    case Arrangement::attention_over_lstm:
      return emit_stack(g, of(emit_recurrent(g, batch)));
    case Arrangement::lstm_over_attention:
      return emit_recurrent(g, of(emit_stack(g, batch)));
    case Arrangement::parallel:
      break;
  }
  const auto attended = emit_stack(g, batch), recurrent = emit_recurrent(g, batch);
  return emit_gated(g, attended, recurrent);
}

onnx::Value HybridHead::emit_gated(onnx::Graph& g, const onnx::Value& attended,
                                   const onnx::Value& recurrent) const {
  const onnx::Graph::Part part(g, "gate");
  const auto both = onnx::concat(g, {attended, recurrent}, 2);
  const auto gate = onnx::sigmoid(g, models::emit(g, *gate_, both));
  const auto apart = onnx::sub(g, attended, recurrent);
  return onnx::add(g, recurrent, onnx::mul(g, gate, apart));
}

onnx::Value HybridHead::emit(onnx::Graph& g, const OnnxBatch& batch) const {
  OnnxBatch steps = batch;
  {
    const onnx::Graph::Part part(g, "input");
    steps.x = models::emit(g, *input_, batch.x);
  }
  const auto y = emit_arranged(g, steps);
  const onnx::Graph::Part part(g, "output");
  return range_->emit(g, models::emit(g, *output_, y));
}

}  // namespace kuchi::models
