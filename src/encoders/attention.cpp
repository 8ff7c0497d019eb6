#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <cmath>

#include "edge/side_stream.h"
#include "encoders/layers.h"
#include "encoders/packed.h"

namespace kuchi::encoders {
namespace {

/// Queries that get their position bias at a time: [heads, queries, keys] of it exist at once,
/// which for ten minutes would be 43 GB whole and is 184 MB so.
constexpr int64_t kQueryBlock = 128;

/// [frames, hidden] → [1, heads, frames, head_dim]
at::Tensor split_heads(const at::Tensor& x, int64_t heads) {
  return x.view({1, x.size(0), heads, -1}).transpose(1, 2);
}

at::Tensor join_heads(const at::Tensor& x) {  // and back
  return x.transpose(1, 2).reshape({x.size(2), -1});
}

/// WavLM's bias by distance: [heads, 2n − 1], column n − 1 + (key − query).
at::Tensor bias_by_distance(const Attention& a, int64_t n) {
  const auto buckets = position_buckets(n, a.bias_buckets.size(0), a.max_distance);
  return a.bias_buckets.index_select(0, edge::sent(buckets, a.bias_buckets.device()))
      .t()
      .contiguous();
}

/// How much of the bias each head and query takes; x is the attention's input. → [heads, frames, 1]
at::Tensor gate_of(const Attention& a, const at::Tensor& x) {
  const auto in = x.view({x.size(0), a.heads, -1}).transpose(0, 1);  // [heads, frames, head_dim]
  const auto sums = a.gate(in).to(at::kFloat).view({a.heads, x.size(0), 2, 4}).sum(3);
  const auto gates = at::sigmoid(sums);  // [heads, frames, 2]
  const auto scale = a.gate_scale.view({a.heads, 1, 1});
  return gates.narrow(2, 0, 1) * (gates.narrow(2, 1, 1) * scale - 1.0) + 2.0;
}

/// Attention of packed bfloat16 weights: scores in float32 as the library's has them, but weights
/// times values as a bfloat16 product, which is faster than its blocks where keys are few enough
/// to be read again for each block of queries. q, k, v [heads, frames, head_dim], as is the result.
at::Tensor attend_bfloat16(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v) {
  constexpr int64_t kQueries = 512;
  const auto scaled = q.to(at::kFloat) / std::sqrt(static_cast<double>(q.size(2)));
  const auto keys = k.to(at::kFloat).transpose(1, 2);
  auto out = at::empty(q.sizes(), v.options());
  // As many heads at a time as there are threads: scores of more would leave the cache.
  const int64_t together = std::max<int64_t>(1, at::get_num_threads());
  for (int64_t head = 0; head < q.size(0); head += together) {
    const int64_t heads = std::min(together, q.size(0) - head);
    const auto own_keys = keys.narrow(0, head, heads), values = v.narrow(0, head, heads);
    for (int64_t begin = 0; begin < q.size(1); begin += kQueries) {
      const int64_t count = std::min(kQueries, q.size(1) - begin);
      auto scores = at::bmm(scaled.narrow(0, head, heads).narrow(1, begin, count), own_keys);
      at::softmax_out(scores, scores, -1);
      out.narrow(0, head, heads)
          .narrow(1, begin, count)
          .copy_(at::bmm(scores.to(v.scalar_type()), values));
    }
  }
  return out;
}

at::Tensor attend(const Attention::Heads& h, double dropout) {
  constexpr int64_t kMostKeys = 4096;
  if (h.q.scalar_type() == at::kBFloat16 && h.q.device().is_cpu() && h.q.size(2) <= kMostKeys &&
      !at::GradMode::is_enabled()) {
    return attend_bfloat16(h.q[0], h.k[0], h.v[0].contiguous()).unsqueeze(0);
  }
  return at::scaled_dot_product_attention(h.q, h.k, h.v, {}, dropout);
}

at::Tensor attend_biased(const Attention& a, const Attention::Heads& h, const at::Tensor& x,
                         double dropout) {
  const int64_t n = x.size(0);
  // Windows of the table: window s holds the distances of query n − 1 − s to every key.
  const auto table = bias_by_distance(a, n).unfold(1, n, 1);  // [heads, n, n], a view
  const auto gate = gate_of(a, x);
  std::vector<at::Tensor> blocks;
  for (int64_t begin = 0; begin < n; begin += kQueryBlock) {
    const int64_t count = std::min(kQueryBlock, n - begin);
    const auto bias = table.narrow(1, n - begin - count, count).flip(1) *
                      gate.narrow(1, begin, count);  // [heads, count, n]
    blocks.push_back(at::scaled_dot_product_attention(
        h.q.narrow(2, begin, count), h.k, h.v, bias.unsqueeze(0).to(h.q.scalar_type()), dropout));
  }
  return at::cat(blocks, 2);
}

}  // namespace

at::Tensor position_buckets(int64_t n, int64_t buckets, int64_t max_distance) {
  const int64_t half = buckets / 2, exact = half / 2;
  const auto distance = at::arange(-(n - 1), n, at::kLong);
  const auto size = distance.abs();
  const auto logs = at::log(size.to(at::kFloat) / exact) /
                    std::log(static_cast<double>(max_distance) / static_cast<double>(exact)) *
                    (half - exact);
  const auto far = at::clamp_max((exact + logs).to(at::kLong), half - 1);
  return at::where(size < exact, size, far) + (distance > 0).to(at::kLong) * half;
}

Attention::Heads Attention::project(const at::Tensor& x, bool training) const {
  if (qkv && !at::GradMode::is_enabled()) {
    const auto y = (*qkv)(x);  // [total, 3 hidden]
    const int64_t hidden = y.size(1) / 3;
    return {y.narrow(1, 0, hidden), y.narrow(1, hidden, hidden), y.narrow(1, 2 * hidden, hidden)};
  }
  return {q(x, training), k(x, training), v(x, training)};
}

at::Tensor Attention::operator()(const at::Tensor& x, const std::vector<int64_t>& offsets,
                                 const Dropouts& dropouts) const {
  const auto all = project(x, dropouts.training);
  const double dropout = dropouts.training ? dropouts.attention : 0;
  std::vector<at::Tensor> clips;
  for (size_t i = 0; i + 1 < offsets.size(); ++i) {
    const int64_t begin = offsets[i], count = offsets[i + 1] - begin;
    const Heads h = {split_heads(all.q.narrow(0, begin, count), heads),
                     split_heads(all.k.narrow(0, begin, count), heads),
                     split_heads(all.v.narrow(0, begin, count), heads)};
    const auto y = gate.weight.defined()
                       ? attend_biased(*this, h, x.narrow(0, begin, count), dropout)
                       : attend(h, dropout);
    clips.push_back(join_heads(y));
  }
  return out(clips.size() == 1 ? clips[0] : at::cat(clips), dropouts.training);
}

void Attention::pack(at::ScalarType type) {
  if (!can_pack(q.weight)) return;
  qkv = encoders::pack(at::cat({q.merged(), k.merged(), v.merged()}),
                       at::cat({q.bias, k.bias, v.bias}), type);
  out.pack(type);
}

}  // namespace kuchi::encoders
