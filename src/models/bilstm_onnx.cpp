#include "models/bilstm.h"
#include "models/onnx.h"

namespace kuchi::models {

onnx::Value BilstmHead::emit(onnx::Graph& g, const OnnxBatch& batch) const {
  OnnxBatch steps = batch;
  {
    const onnx::Graph::Part part(g, "projection");
    steps.x = models::emit(g, *projection_, batch.x);
  }
  const auto heard = models::emit(g, *lstm_, steps);
  const onnx::Graph::Part part(g, "output");
  return range_->emit(g, models::emit(g, *output_, heard));
}

}  // namespace kuchi::models
