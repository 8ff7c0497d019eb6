#include "models/transformer_onnx.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "edge/onnx_constant.h"
#include "models/positions.h"
#include "models/transformer_layer.h"
#include "models/transformer_stack.h"
#include "onnx/ops.h"

namespace kuchi::models {
namespace {

using onnx::Graph;
using onnx::Type;
using onnx::Value;

/// Scores are far above, so that exp(masked − largest) is 0; and it stays finite.
constexpr double kMasked = -1e9;
constexpr int64_t kLeastBlock = 32;
constexpr int64_t kToTheEnd = std::numeric_limits<int64_t>::max();

/// Zeros before and after along axis 1 of [batch, n, width]; after [1].
Value pad_frames(Graph& g, const Value& x, int64_t before, const Value& after) {
  return g.add("Pad",
               {x, onnx::concat(g, {g.integers({0, before, 0, 0}), after, g.integers({0})}, 0)});
}

/// −slope |distance| as float32: slopes [heads, 1, 1], distance int64 [n, n] → [heads, n, n]
Value emit_bias(Graph& g, const at::Tensor& slopes, const Value& distance) {
  const auto size = onnx::maximum(g, distance, onnx::sub(g, g.integer(0), distance));
  return onnx::mul(g, emit(g, "slopes", -slopes.view({-1, 1, 1})),
                   onnx::cast(g, size, Type::float32));
}

}  // namespace

std::pair<Value, Value> emit_angles(Graph& g, const Value& positions, int64_t dim) {
  const Graph::Part part(g, "angles");
  const auto turns = frequencies(dim) / (2 * std::numbers::pi);  // of a circle, a frame
  const auto at = onnx::unsqueeze(g, onnx::cast(g, positions, Type::float64), {-1});
  const auto all = onnx::mul(g, at, edge::constant64(g, "turns", turns.unsqueeze(0)));
  const auto share = onnx::cast(g, onnx::sub(g, all, onnx::floor(g, all)), Type::float32);
  const auto angle = onnx::mul(g, share, g.number(2 * std::numbers::pi, Type::float32));
  return {g.add("Cos", {angle}), g.add("Sin", {angle})};
}

Value emit_turned(Graph& g, const Value& x, const Value& cos, const Value& sin, int64_t half) {
  const auto a = onnx::slice(g, x, g.integers({0}), g.integers({half}), 3);
  const auto b = onnx::slice(g, x, g.integers({half}), g.integers({2 * half}), 3);
  const auto first = onnx::sub(g, onnx::mul(g, a, cos), onnx::mul(g, b, sin));
  const auto second = onnx::add(g, onnx::mul(g, a, sin), onnx::mul(g, b, cos));
  return onnx::concat(g, {first, second}, 3);
}

Value emit_reach(Graph& g, Value mask, const Value& distance, const Reach& reach,
                 const at::Tensor& slopes) {
  const auto hide = [&](const Value& far) {
    const auto never = g.number(kMasked, Type::float32);
    mask = onnx::add(g, mask, onnx::where(g, far, never, g.number(0, Type::float32)));
  };
  if (reach.left) hide(onnx::less(g, distance, g.integer(-*reach.left)));
  if (reach.right) hide(onnx::less(g, g.integer(*reach.right), distance));
  return slopes.defined() ? onnx::add(g, mask, emit_bias(g, slopes, distance)) : mask;
}

Value emit_never(Graph& g, const Value& inside) {
  return onnx::mul(g, onnx::sub(g, inside, g.number(1, Type::float32)),
                   g.number(-kMasked, Type::float32));
}

OnnxSight::OnnxSight(Graph& g, const OnnxBatch& batch, const Reach& reach, const at::Tensor& slopes,
                     int64_t rotary_head_dim)
    : reach_(reach) {
  const Graph::Part part(g, "sight");
  if (reach.bounded()) block_ = std::max({*reach.left, *reach.right, kLeastBlock});
  const auto frames = onnx::size_of(g, batch.x, 1);
  short_ = onnx::unsqueeze(g, frames, {0});
  // One frame more at least: a clip of no frames is no frames, and no operator is given nothing.
  const auto step = g.integer(std::max<int64_t>(block_, 1));
  padded_ = onnx::mul(g, onnx::add(g, onnx::div(g, frames, step), g.integer(1)), step);
  missing_ = onnx::unsqueeze(g, onnx::sub(g, padded_, frames), {0});
  const auto inside = onnx::cast(g, onnx::within(g, padded_, batch.lengths), Type::float32);
  if (block_ > 0) {
    build_band(g, inside, slopes);
  } else {
    build_full(g, inside, slopes);
  }
  if (rotary_head_dim > 0) {
    half_ = rotary_head_dim / 2;
    const auto [cos, sin] = emit_angles(g, onnx::range(g, padded_), rotary_head_dim);
    cos_ = onnx::unsqueeze(g, cos, {1});
    sin_ = onnx::unsqueeze(g, sin, {1});
  }
}

/// x [batch, frames, width] → what each block sees, [batch, blocks, span, tail…]
Value OnnxSight::windows(Graph& g, const Value& x, const std::vector<int64_t>& tail) const {
  const bool before = *reach_.left > 0, after = *reach_.right > 0;
  const auto wide = pad_frames(g, x, before ? block_ : 0, g.integers({after ? block_ : 0}));
  std::vector<int64_t> shape = {0, -1, block_};
  shape.insert(shape.end(), tail.begin(), tail.end());
  const auto blocks = onnx::reshape(g, wide, shape);
  const int64_t count = 1 + (before ? 1 : 0) + (after ? 1 : 0);
  std::vector<Value> parts;
  for (int64_t i = 0; i < count; ++i) {
    const int64_t end = i + 1 == count ? kToTheEnd : i + 1 - count;
    parts.push_back(onnx::slice(g, blocks, g.integers({i}), g.integers({end}), 1));
  }
  return parts.size() == 1 ? parts[0] : onnx::concat(g, parts, 2);
}

void OnnxSight::build_band(Graph& g, const Value& inside, const at::Tensor& slopes) {
  const int64_t before = *reach_.left > 0 ? block_ : 0, after = *reach_.right > 0 ? block_ : 0;
  const auto distance = at::arange(before + block_ + after, at::kLong).unsqueeze(0) -
                        at::arange(block_, at::kLong).unsqueeze(1) - before;
  auto band = reach_mask(distance, reach_, slopes, at::kFloat).clamp_min(kMasked);
  if (band.dim() == 2) band = band.unsqueeze(0);
  // Frames beyond a clip's end, and those that windows add, are no keys.
  const auto seen = windows(g, onnx::unsqueeze(g, inside, {2}), {});  // [batch, blocks, span]
  mask_ = onnx::add(g, onnx::unsqueeze(g, emit_never(g, seen), {2, 3}), emit(g, "band", band));
}

void OnnxSight::build_full(Graph& g, const Value& inside, const at::Tensor& slopes) {
  const auto out = onnx::unsqueeze(g, emit_never(g, inside), {1, 2});  // [batch, 1, 1, n]
  const auto at = onnx::range(g, padded_);
  const auto distance = onnx::sub(g, onnx::unsqueeze(g, at, {0}), onnx::unsqueeze(g, at, {1}));
  mask_ = emit_reach(g, out, distance, reach_, slopes);
}

Value OnnxSight::lengthened(Graph& g, const Value& x) const {
  return pad_frames(g, x, 0, missing_);
}

Value OnnxSight::shortened(Graph& g, const Value& x) const {
  return onnx::slice(g, x, g.integers({0}), short_, 1);
}

Value OnnxSight::turned(Graph& g, const Value& x) const {
  return half_ == 0 ? x : emit_turned(g, x, cos_, sin_, half_);
}

Value OnnxSight::attend(Graph& g, const Value& q, const Value& k, const Value& v, int64_t heads,
                        int64_t head_dim) const {
  const int64_t width = heads * head_dim;
  if (block_ == 0) {
    const auto scores = onnx::add(
        g,
        onnx::matmul(g, onnx::transpose(g, q, {0, 2, 1, 3}), onnx::transpose(g, k, {0, 2, 3, 1})),
        mask_);
    const auto heard =
        onnx::matmul(g, onnx::softmax(g, scores), onnx::transpose(g, v, {0, 2, 1, 3}));
    return onnx::reshape(g, onnx::transpose(g, heard, {0, 2, 1, 3}), {0, 0, width});
  }
  const auto blocks = onnx::reshape(g, q, {0, -1, block_, heads, head_dim});
  const auto seen = [&](const Value& x) {  // [batch, blocks, span, heads, head_dim]
    return windows(g, onnx::reshape(g, x, {0, 0, width}), {heads, head_dim});
  };
  const auto scores = onnx::add(g,
                                onnx::matmul(g, onnx::transpose(g, blocks, {0, 1, 3, 2, 4}),
                                             onnx::transpose(g, seen(k), {0, 1, 3, 4, 2})),
                                mask_);
  const auto heard =
      onnx::matmul(g, onnx::softmax(g, scores), onnx::transpose(g, seen(v), {0, 1, 3, 2, 4}));
  return onnx::reshape(g, onnx::transpose(g, heard, {0, 1, 3, 2, 4}), {0, -1, width});
}

Value SelfAttention::emit_projected(Graph& g, int64_t which, const Value& x) const {
  const Graph::Part part(g, std::string_view("qkv").substr(static_cast<size_t>(which), 1));
  // Scores are divided by √head_dim: in the weights it costs nothing.
  const auto head_dim = static_cast<double>(in_weight_.size(1) / heads_);
  const double scale = which == 0 ? 1 / std::sqrt(head_dim) : 1;
  const auto weight = in_weight_.detach().chunk(3)[static_cast<size_t>(which)];
  const auto bias = in_bias_.detach().chunk(3)[static_cast<size_t>(which)];
  const auto y = onnx::matmul(g, x, emit_weight(g, "weight", weight.t() * scale, 1));
  return onnx::add(g, y, models::emit(g, "bias", bias * scale));
}

Value SelfAttention::emit(Graph& g, const Value& x, const OnnxSight& sight) const {
  const int64_t head_dim = in_weight_.size(1) / heads_;
  const auto project = [&](int64_t which) {
    return onnx::reshape(g, emit_projected(g, which, x), {0, 0, heads_, head_dim});
  };
  const auto q = sight.turned(g, project(0)), k = sight.turned(g, project(1));
  const auto heard = sight.attend(g, q, k, project(2), heads_, head_dim);
  const Graph::Part part(g, "out");
  return models::emit(g, *out_, heard);
}

namespace {
Value normed(Graph& g, const char* name, const torch::nn::LayerNorm& norm, const Value& in) {
  const Graph::Part part(g, name);
  return emit(g, *norm, in);
}
}  // namespace

Value TransformerLayer::emit_before(Graph& g, const Value& x) const {
  return options_.norm == NormPlace::pre ? normed(g, "norm1", norm1_, x) : x;
}

Value TransformerLayer::emit_after(Graph& g, const Value& x, const Value& heard) const {
  const auto feed_forward = [&](const Value& in) {
    const Graph::Part part(g, "feed_forward");
    return models::emit(g, *linear2_, onnx::relu(g, models::emit(g, *linear1_, in)));
  };
  const auto sum = onnx::add(g, x, heard);
  if (options_.norm == NormPlace::pre) {
    return onnx::add(g, sum, feed_forward(normed(g, "norm2", norm2_, sum)));
  }
  const auto y = normed(g, "norm1", norm1_, sum);
  return normed(g, "norm2", norm2_, onnx::add(g, y, feed_forward(y)));
}

Value TransformerLayer::emit(Graph& g, const Value& x, const OnnxSight& sight) const {
  const auto in = emit_before(g, x);
  const auto heard = [&] {
    const Graph::Part part(g, "self_attn");
    return attention_->emit(g, in, sight);
  }();
  return emit_after(g, x, heard);
}

/// at int64 [1, frames] or [batch, frames]: where each frame stands.
Value TransformerStack::emit_placed(Graph& g, const Value& x, const Value& at) const {
  const Graph::Part part(g, "positions");
  if (options_.positions == Position::sinusoidal) {
    const auto [cos, sin] = emit_angles(g, at, options_.width);
    const auto both =
        onnx::concat(g, {onnx::unsqueeze(g, sin, {3}), onnx::unsqueeze(g, cos, {3})}, 3);
    return onnx::add(g, x, onnx::reshape(g, both, {0, 0, -1}));
  }
  if (options_.positions == Position::learned) {
    const auto last = g.integer(options_.learned_positions - 1);
    return onnx::add(
        g, x, onnx::gather(g, models::emit(g, "table", table_), onnx::minimum(g, at, last), 0));
  }
  return x;
}

Value TransformerStack::emit_ended(Graph& g, const Value& x) const {
  if (!norm_) return x;
  const Graph::Part part(g, "norm");
  return models::emit(g, *norm_, x);
}

Value TransformerStack::emit(Graph& g, const OnnxBatch& batch) const {
  const bool rotary = options_.positions == Position::rotary;
  const OnnxSight sight(g, batch, options_.reach(), slopes(), rotary ? options_.head_dim() : 0);
  const auto x = sight.lengthened(g, batch.x);
  auto y = emit_placed(g, x, onnx::unsqueeze(g, onnx::range(g, sight.frames()), {0}));
  for (size_t i = 0; i < layers_.size(); ++i) {
    const Graph::Part part(g, "layers." + std::to_string(i));
    y = layers_[i]->emit(g, y, sight);
  }
  return sight.shortened(g, emit_ended(g, y));
}

}  // namespace kuchi::models
