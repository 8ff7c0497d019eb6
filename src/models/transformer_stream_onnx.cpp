#include <ATen/ATen.h>

#include <stdexcept>

#include "models/transformer.h"
#include "models/transformer_onnx.h"
#include "onnx/ops.h"

namespace kuchi::models {
namespace {
using onnx::Graph;
using onnx::Type;
using onnx::Value;
}  // namespace

OnnxStreamSight::OnnxStreamSight(Graph& g, const Value& frames, const Reach& reach,
                                 const at::Tensor& slopes, int64_t rotary_head_dim)
    : reach_(reach) {
  if (!reach.bounded()) {
    throw std::logic_error("onnx: a stream of attention that sees the whole clip");
  }
  const Graph::Part part(g, "sight");
  const auto keys = onnx::range(g, onnx::add(g, frames, g.integer(left() + right())));
  const auto own = onnx::add(g, onnx::range(g, frames), g.integer(left()));
  const auto distance = onnx::sub(g, onnx::unsqueeze(g, keys, {0}), onnx::unsqueeze(g, own, {1}));
  band_ = emit_reach(g, g.number(0, Type::float32), distance, reach, slopes);
  if (rotary_head_dim == 0) return;
  half_ = rotary_head_dim / 2;
  const auto [cos, sin] = emit_angles(g, keys, rotary_head_dim);
  cos_ = onnx::unsqueeze(g, cos, {1});
  sin_ = onnx::unsqueeze(g, sin, {1});
  qcos_ = onnx::gather(g, cos_, own, 0);
  qsin_ = onnx::gather(g, sin_, own, 0);
}

Value OnnxStreamSight::seen(Graph& g, const Value& inside) const {
  const auto out = onnx::transpose(g, emit_never(g, inside), {0, 2, 1});  // [batch, 1, span]
  return onnx::add(g, onnx::unsqueeze(g, out, {1}), band_);
}

Value OnnxStreamSight::attend(Graph& g, const Value& q, const Value& k, const Value& v,
                              int64_t heads, const Value& seen) const {
  const auto by_head = [&](const Value& x) { return onnx::reshape(g, x, {0, 0, heads, -1}); };
  const auto turned = [&](const Value& x, const Value& cos, const Value& sin) {
    return half_ == 0 ? by_head(x) : emit_turned(g, by_head(x), cos, sin, half_);
  };
  const auto asked = onnx::transpose(g, turned(q, qcos_, qsin_), {0, 2, 1, 3});
  const auto keys = onnx::transpose(g, turned(k, cos_, sin_), {0, 2, 3, 1});
  const auto scores = onnx::add(g, onnx::matmul(g, asked, keys), seen);
  const auto heard =
      onnx::matmul(g, onnx::softmax(g, scores), onnx::transpose(g, by_head(v), {0, 2, 1, 3}));
  return onnx::reshape(g, onnx::transpose(g, heard, {0, 2, 1, 3}), {0, 0, -1});
}

Value SelfAttention::emit_stream(Graph& g, OnnxStates& states, const Value& come,
                                 const Value& asking, const Value& seen,
                                 const OnnxStreamSight& sight) const {
  const int64_t width = in_weight_.size(1), kept = sight.left() + sight.right();
  const auto k = states.with_past(g, "k", emit_projected(g, 1, come), kept, width);
  const auto v = states.with_past(g, "v", emit_projected(g, 2, come), kept, width);
  const auto heard = sight.attend(g, emit_projected(g, 0, asking), k, v, heads_, seen);
  const Graph::Part part(g, "out");
  return models::emit(g, *out_, heard);
}

StreamRows TransformerLayer::emit_stream(Graph& g, OnnxStates& states, const StreamRows& rows,
                                         const OnnxStreamSight& sight) const {
  const int64_t left = sight.left(), right = sight.right();
  const auto inside = states.with_past(g, "inside", rows.inside, left + right, 1);
  auto out = rows;
  out.late += right;
  out.inside = left + right == 0 ? inside : rows_from(g, inside, left, rows.x);
  const auto asking = states.delayed(g, "x", rows.x, right, rows.width);
  const auto come = emit_before(g, rows.x);
  const auto ask = right == 0 ? come : emit_before(g, asking);
  const auto seen = sight.seen(g, inside);
  const auto heard = [&] {
    const Graph::Part part(g, "self_attn");
    return attention_->emit_stream(g, states, come, ask, seen, sight);
  }();
  out.x = emit_after(g, asking, heard);
  return out;
}

StreamRows TransformerStack::emit_stream(Graph& g, OnnxStates& states,
                                         const StreamRows& rows) const {
  if (rows.late != 0) throw std::logic_error("onnx: a transformer stack on late rows");
  const auto frames = onnx::size_of(g, rows.x, 1);
  const bool rotary = options_.positions == Position::rotary;
  const OnnxStreamSight sight(g, frames, options_.reach(), slopes(),
                              rotary ? options_.head_dim() : 0);
  auto y = rows;
  if (options_.positions == Position::sinusoidal || options_.positions == Position::learned) {
    const auto heard = states.take(g, "heard", {1}, Type::int64);  // frames before this chunk
    const auto at = onnx::add(g, heard.value, onnx::unsqueeze(g, onnx::range(g, frames), {0}));
    states.leave(heard, onnx::add(g, heard.value, frames));
    y.x = emit_placed(g, rows.x, at);
  }
  for (size_t i = 0; i < layers_.size(); ++i) {
    const Graph::Part part(g, "layers." + std::to_string(i));
    y = layers_[i]->emit_stream(g, states, y, sight);
  }
  y.x = emit_ended(g, y.x);
  return y;
}

bool TransformerHead::emit_stream(Graph& g, OnnxStates& states, StreamRows& rows) const {
  const auto& options = stack_->options();
  if (!options.reach().bounded()) return false;
  {
    const Graph::Part part(g, "input");
    rows.x = models::emit(g, *input_, rows.x);
    rows.width = options.width;
  }
  {
    const Graph::Part part(g, "transformer");
    rows = stack_->emit_stream(g, states, rows);
  }
  const Graph::Part part(g, "output");
  rows.x = range_->emit(g, models::emit(g, *output_, rows.x));
  return true;
}

}  // namespace kuchi::models
