#include "models/onnx.h"
#include "models/range_output.h"
#include "onnx/ops.h"

namespace kuchi::models {

onnx::Value RangeOutput::emit(onnx::Graph& g, const onnx::Value& x) const {
  const onnx::Graph::Part part(g, "range");
  if (plain_) return onnx::sigmoid(g, x);
  const auto share = onnx::sigmoid(g, onnx::mul(g, x, models::emit(g, "gain", gain_)));
  return onnx::add(g, models::emit(g, "low", low_),
                   onnx::mul(g, models::emit(g, "span", span_), share));
}

}  // namespace kuchi::models
