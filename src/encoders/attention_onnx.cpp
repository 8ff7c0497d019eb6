#include <ATen/ATen.h>

#include <cmath>

#include "core/error.h"
#include "core/text.h"
#include "edge/onnx_constant.h"
#include "encoders/onnx_parts.h"
#include "onnx/ops.h"

namespace kuchi::encoders {
namespace {

/// Scores are far above, so that exp(masked − largest) is 0; and it stays finite when a bias is
/// added.
constexpr double kMasked = -1e9;

/// Farther apart than any clip's frames that attention in a graph has memory for: 20 minutes.
constexpr int64_t kMostDistance = 1 << 16;

/// WavLM's bias for every query and key of any n: [heads, n, n]. From max_distance on the bucket is
/// the same, so a table up to there, looked up at the distance cut to it, holds all there is.
onnx::Value emit_bias(onnx::Graph& g, const Attention& a, const onnx::Value& n) {
  const onnx::Graph::Part part(g, "position_bias");
  if (a.max_distance > kMostDistance) {
    throw UserError(Exit::config, cat("the encoder's max_bucket_distance is ", a.max_distance,
                                      ", and an ONNX model holds positions up to ", kMostDistance,
                                      " frames apart; take another encoder"));
  }
  const int64_t most = a.max_distance;
  const auto buckets = position_buckets(most + 1, a.bias_buckets.size(0), most);  // −most … most
  const auto table = a.bias_buckets.detach().cpu().index_select(0, buckets).t();
  const auto at = onnx::range(g, n);
  const auto distance = onnx::sub(g, onnx::unsqueeze(g, at, {0}), onnx::unsqueeze(g, at, {1}));
  const auto cut = onnx::maximum(g, onnx::minimum(g, distance, g.integer(most)), g.integer(-most));
  const auto column = onnx::add(g, cut, g.integer(most));  // [n, n]
  return onnx::gather(g, edge::constant(g, "table", table), column, 1);
}

/// How much of the bias each head and query takes; the eight outputs of the gate's linear map are
/// only used as two sums of four, so they are summed here. x [batch, n, hidden]
/// → [batch, heads, n, 1]
onnx::Value emit_gate(onnx::Graph& g, const Attention& a, const onnx::Value& x) {
  const onnx::Graph::Part part(g, "gate");
  const auto one = g.number(1, onnx::Type::float32), two = g.number(2, onnx::Type::float32);
  Linear sums;
  sums.weight = a.gate.merged().detach().view({2, 4, -1}).sum(1);
  sums.bias = a.gate.bias.detach().view({2, 4}).sum(1);
  const auto by_head = onnx::transpose(g, onnx::reshape(g, x, {0, 0, a.heads, -1}), {0, 2, 1, 3});
  const auto gates = onnx::sigmoid(g, emit(g, sums, by_head));  // [batch, heads, n, 2]
  const auto take = onnx::slice(g, gates, g.integers({0}), g.integers({1}), 3);
  const auto reset = onnx::slice(g, gates, g.integers({1}), g.integers({2}), 3);
  const auto scale = edge::constant(g, "scale", a.gate_scale.view({1, a.heads, 1, 1}));
  const auto rest = onnx::sub(g, onnx::mul(g, reset, scale), one);
  return onnx::add(g, onnx::mul(g, take, rest), two);
}

/// x [batch, n, hidden] → [batch, heads, n, head_dim] in another order of axes.
onnx::Value emit_heads(onnx::Graph& g, const char* name, const Linear& linear, int64_t heads,
                       const onnx::Value& x, const std::vector<int64_t>& order) {
  const onnx::Graph::Part part(g, name);
  return onnx::transpose(g, onnx::reshape(g, emit(g, linear, x), {0, 0, heads, -1}), order);
}

}  // namespace

OnnxKeys emit_keys(onnx::Graph& g, const Attention& attention, const onnx::Value& n,
                   const onnx::Value& lengths) {
  const onnx::Graph::Part part(g, "keys");
  const auto inside = onnx::less(g, onnx::range(g, n), onnx::unsqueeze(g, lengths, {1, 2, 3}));
  OnnxKeys keys;
  keys.mask = onnx::where(g, inside, g.number(0, onnx::Type::float32),
                          g.number(kMasked, onnx::Type::float32));
  if (attention.gate.weight.defined()) keys.bias = emit_bias(g, attention, n);
  return keys;
}

onnx::Value emit(onnx::Graph& g, const Attention& a, const onnx::Value& x, const OnnxKeys& keys) {
  Linear scaled;  // scores are divided by √head_dim: in the weights it costs nothing
  const double scale =
      std::sqrt(static_cast<double>(a.heads) / static_cast<double>(a.q.weight.size(0)));
  scaled.weight = a.q.merged().detach() * scale;
  if (a.q.bias.defined()) scaled.bias = a.q.bias.detach() * scale;
  const auto q = emit_heads(g, "q", scaled, a.heads, x, {0, 2, 1, 3});
  const auto k = emit_heads(g, "k", a.k, a.heads, x, {0, 2, 3, 1});  // transposed
  const auto v = emit_heads(g, "v", a.v, a.heads, x, {0, 2, 1, 3});
  auto scores = onnx::add(g, onnx::matmul(g, q, k), keys.mask);  // [batch, heads, n, n]
  if (a.gate.weight.defined()) {
    scores = onnx::add(g, scores, onnx::mul(g, keys.bias, emit_gate(g, a, x)));
  }
  const auto heard = onnx::matmul(g, onnx::softmax(g, scores), v);
  const auto joined =
      onnx::reshape(g, onnx::transpose(g, heard, {0, 2, 1, 3}), {0, 0, a.out.weight.size(1)});
  const onnx::Graph::Part part(g, "out");
  return emit(g, a.out, joined);
}

}  // namespace kuchi::encoders
