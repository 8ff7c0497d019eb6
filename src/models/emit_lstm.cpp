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

/// A matrix a direction, [directions, rows, columns]. Scales of int8 run along one axis, so there
/// directions lie one below the other and are taken apart in the graph.
onnx::Value emit_matrix(onnx::Graph& g, const char* hint, const at::Tensor& w) {
  if (g.storage() != onnx::Storage::int8) return emit_weight(g, hint, w, 1);
  return onnx::reshape(g, emit_weight(g, hint, w.flatten(0, 1), 0), w.sizes().vec());
}

/// What the operator takes of one layer: W, R, B.
std::vector<onnx::Value> emit_weights(onnx::Graph& g, const torch::nn::LSTMImpl& layer,
                                      int64_t index) {
  const auto& o = layer.options_base;
  if (!o.bias() || !o.batch_first() || o.proj_size() != 0) {
    throw std::logic_error("onnx: no emitter for this form of LSTM");
  }
  const auto bias =
      at::cat({weights(layer, "bias_ih", index), weights(layer, "bias_hh", index)}, 1);
  return {emit_matrix(g, "W", weights(layer, "weight_ih", index)),
          emit_matrix(g, "R", weights(layer, "weight_hh", index)), emit(g, "B", bias)};
}

}  // namespace

onnx::Value emit(onnx::Graph& g, const torch::nn::LSTMImpl& layer, const OnnxBatch& batch) {
  const auto& o = layer.options_base;
  const int64_t directions = o.bidirectional() ? 2 : 1;
  const auto lengths = onnx::cast(g, batch.lengths, onnx::Type::int32);
  auto x = onnx::transpose(g, batch.x, {1, 0, 2});  // [frames, batch, dim]
  for (int64_t i = 0; i < o.num_layers(); ++i) {
    const onnx::Graph::Part part(g, cat("lstm.", i));
    const auto w = emit_weights(g, layer, i);
    const auto y =
        g.add("LSTM", {x, w[0], w[1], w[2], lengths},
              {{"hidden_size", o.hidden_size()},
               {"direction", std::string(directions == 2 ? "bidirectional" : "forward")}});
    // [frames, directions, batch, hidden] → [frames, batch, directions · hidden]
    x = onnx::reshape(g, onnx::transpose(g, y, {0, 2, 1, 3}), {0, 0, directions * o.hidden_size()});
  }
  return onnx::transpose(g, x, {1, 0, 2});
}

namespace {

/// Rows of x [batch, frames, width] by index [batch, frames].
onnx::Value rows_at(onnx::Graph& g, const onnx::Value& x, const onnx::Value& index) {
  return g.add("GatherND", {x, onnx::unsqueeze(g, index, {2})}, {{"batch_dims", int64_t{1}}});
}

/// How many of a late chunk's rows come before the clip's first frame, [batch] int64; in chunks
/// without a frame all are taken as such.
onnx::Value rows_before(onnx::Graph& g, const StreamRows& rows) {
  const auto inside = onnx::reshape(g, rows.inside, {0, -1});
  const auto first = g.add("ArgMax", {inside}, {{"axis", int64_t{1}}, {"keepdims", int64_t{0}}});
  const auto count = onnx::reshape(g, onnx::sum(g, inside, {1}), {-1});
  const auto any = onnx::less(g, g.number(0, onnx::Type::float32), count);
  return onnx::where(g, any, first, onnx::size_of(g, rows.x, 1));
}

/// Which frames of a chunk an LSTM hears.
struct HeardFrames {
  onnx::Value lengths;  // [batch] int32, 1 … frames; without a name: all
  onnx::Value none;     // [batch, 1] bool: none at all, and states stay; not every runtime knows
                        // sequences of no length
};

/// One layer after another: x [frames, batch, dim] → [frames, batch, hidden].
onnx::Value emit_layers(onnx::Graph& g, OnnxStates& states, const torch::nn::LSTMImpl& layer,
                        onnx::Value x, const HeardFrames& heard) {
  const int64_t hidden = layer.options_base.hidden_size();
  for (int64_t i = 0; i < layer.options_base.num_layers(); ++i) {
    const onnx::Graph::Part part(g, cat("lstm.", i));
    const auto w = emit_weights(g, layer, i);
    const auto h = states.take(g, "h", {hidden}), c = states.take(g, "c", {hidden});
    const auto y =
        g.add_several("LSTM",
                      {x, w[0], w[1], w[2], heard.lengths, onnx::unsqueeze(g, h.value, {0}),
                       onnx::unsqueeze(g, c.value, {0})},
                      3, {{"hidden_size", hidden}});
    x = onnx::reshape(g, y[0], {0, -1, hidden});  // [frames, 1, batch, hidden]
    const auto leave = [&](const OnnxStates::State& state, const onnx::Value& now) {
      const auto flat = onnx::reshape(g, now, {-1, hidden});
      const bool always = heard.none.name.empty();
      states.leave(state, always ? flat : onnx::where(g, heard.none, state.value, flat));
    };
    leave(h, y[1]);
    leave(c, y[2]);
  }
  return x;
}

}  // namespace

StreamRows emit_stream(onnx::Graph& g, OnnxStates& states, const torch::nn::LSTMImpl& layer,
                       const StreamRows& rows) {
  if (layer.options_base.bidirectional()) {
    throw std::logic_error("onnx: a stream of an LSTM in both directions");
  }
  auto out = rows;
  out.width = layer.options_base.hidden_size();
  if (rows.late == 0) {
    const auto x = onnx::transpose(g, rows.x, {1, 0, 2});
    out.x = onnx::transpose(g, emit_layers(g, states, layer, x, {}), {1, 0, 2});
    return out;
  }
  // Rows before the first frame must leave the zero state as it is: the frames are drawn to the
  // front, and their answers put back.
  const auto before = onnx::unsqueeze(g, rows_before(g, rows), {1});  // [batch, 1]
  const auto frames = onnx::size_of(g, rows.x, 1);
  const auto t = onnx::range(g, frames);
  const auto front = onnx::minimum(g, onnx::add(g, t, before), onnx::sub(g, frames, g.integer(1)));
  const auto left = onnx::sub(g, frames, before);  // [batch, 1]
  HeardFrames heard;
  heard.none = onnx::less(g, left, g.integer(1));
  heard.lengths = onnx::cast(g, onnx::reshape(g, onnx::maximum(g, left, g.integer(1)), {-1}),
                             onnx::Type::int32);
  const auto x = onnx::transpose(g, rows_at(g, rows.x, front), {1, 0, 2});
  const auto y = onnx::transpose(g, emit_layers(g, states, layer, x, heard), {1, 0, 2});
  out.x = rows_at(g, y, onnx::maximum(g, onnx::sub(g, t, before), g.integer(0)));
  return out;
}

}  // namespace kuchi::models
