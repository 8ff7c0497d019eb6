#include <ATen/ATen.h>

#include <stdexcept>
#include <vector>

#include "core/text.h"
#include "models/onnx.h"
#include "onnx/ops.h"

namespace kuchi::models {
namespace {

/// LibTorch keeps the gates as i, f, g, o; ONNX wants i, o, f, c: rows [4 · hidden, …] in that
/// order.
at::Tensor onnx_gates(const at::Tensor& rows) {
  const auto gate = rows.chunk(4, 0);
  return at::cat({gate[0], gate[3], gate[1], gate[2]}, 0);
}

/// One layer's weights of all directions, [directions, rows, …].
at::Tensor weights(const torch::nn::LSTMImpl& layer, const char* kind, int64_t index) {
  const auto parameters = layer.named_parameters();
  std::vector<at::Tensor> directions;
  for (const char* suffix : {"", "_reverse"}) {
    const auto* found = parameters.find(cat(kind, "_l", index, suffix));
    if (found != nullptr) directions.push_back(onnx_gates(found->detach()));
  }
  return at::stack(directions);
}

}  // namespace

onnx::Value emit(onnx::Graph& g, const torch::nn::LSTMImpl& layer, const OnnxBatch& batch) {
  const auto& o = layer.options_base;
  if (!o.bias() || !o.batch_first() || o.proj_size() != 0) {
    throw std::logic_error("onnx: no emitter for this form of LSTM");
  }
  const int64_t directions = o.bidirectional() ? 2 : 1;
  const auto lengths = onnx::cast(g, batch.lengths, onnx::Type::int32);
  auto x = onnx::transpose(g, batch.x, {1, 0, 2});  // [frames, batch, dim]
  for (int64_t i = 0; i < o.num_layers(); ++i) {
    const onnx::Graph::Part part(g, cat("lstm.", i));
    const auto bias = at::cat({weights(layer, "bias_ih", i), weights(layer, "bias_hh", i)}, 1);
    const auto y =
        g.add("LSTM",
              {x, emit(g, "W", weights(layer, "weight_ih", i)),
               emit(g, "R", weights(layer, "weight_hh", i)), emit(g, "B", bias), lengths},
              {{"hidden_size", o.hidden_size()},
               {"direction", std::string(directions == 2 ? "bidirectional" : "forward")}});
    // [frames, directions, batch, hidden] → [frames, batch, directions · hidden]
    x = onnx::reshape(g, onnx::transpose(g, y, {0, 2, 1, 3}), {0, 0, directions * o.hidden_size()});
  }
  return onnx::transpose(g, x, {1, 0, 2});
}

}  // namespace kuchi::models
