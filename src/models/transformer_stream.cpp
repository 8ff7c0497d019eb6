#include <ATen/ATen.h>

#include <algorithm>
#include <stdexcept>

#include "models/transformer_stack.h"

namespace kuchi::models {
namespace {

/// Rows as [1, heads, rows, head_dim].
at::Tensor by_head(const at::Tensor& x) { return x.transpose(0, 1).unsqueeze(0); }

at::Tensor joined(const at::Tensor& a, const at::Tensor& b) {
  return a.defined() ? at::cat({a, b}) : b;
}

/// Rows from `begin` on, without keeping what was before them in memory.
at::Tensor rest(const at::Tensor& x, int64_t begin) {
  return begin == 0 ? x : x.narrow(0, begin, x.size(0) - begin).clone();
}

}  // namespace

TransformerStream::TransformerStream(const TransformerStack& stack)
    : stack_(stack), reach_(stack.options().reach()), slopes_(stack.slopes()) {
  if (!reach_.bounded()) {
    throw std::logic_error("a stream of a transformer whose layers see the whole clip");
  }
  layers_.resize(static_cast<size_t>(stack.options().layers));
}

at::Tensor TransformerStream::push(const at::Tensor& x, bool ends) {
  const int64_t begin = layers_[0].heard;
  auto y = stack_.placed(x, at::arange(begin, begin + x.size(0), at::kLong));
  for (size_t i = 0; i < layers_.size(); ++i) y = push(layers_[i], stack_.layer(i), y, ends);
  return stack_.ended(y);
}

at::Tensor TransformerStream::push(Layer& s, const TransformerLayer& layer, const at::Tensor& x,
                                   bool ends) const {
  const auto positions = at::arange(s.heard, s.heard + x.size(0), at::kLong);
  const auto in = layer.before(x, stack_.turned(positions, x.options()));
  s.x = joined(s.x, x);
  s.q = joined(s.q, in.q);
  s.k = joined(s.k, in.k);
  s.v = joined(s.v, in.v);
  s.heard += x.size(0);
  const int64_t known = ends ? s.heard : std::max(s.answered, s.heard - *reach_.right);
  const int64_t count = known - s.answered;
  if (count == 0) return x.narrow(0, 0, 0);
  const auto out = layer.after(s.x.narrow(0, 0, count), attend(s, count));
  s.answered = known;
  s.x = rest(s.x, count);
  s.q = rest(s.q, count);
  const int64_t drop = std::max<int64_t>(0, s.answered - *reach_.left - s.first);
  s.k = rest(s.k, drop);
  s.v = rest(s.v, drop);
  s.first += drop;
  return out;
}

at::Tensor TransformerStream::attend(Layer& s, int64_t count) const {
  const int64_t begin = std::max(s.first, s.answered - *reach_.left);
  const int64_t end = std::min(s.heard, s.answered + count + *reach_.right);
  const auto q = s.q.narrow(0, 0, count);
  at::Tensor mask;
  if (count > 1 || slopes_.defined()) {  // a frame alone sees all that is kept for it
    const auto distance = at::arange(begin, end, at::kLong).unsqueeze(0) -
                          at::arange(s.answered, s.answered + count, at::kLong).unsqueeze(1);
    mask = reach_mask(distance, reach_, slopes_, q.options());
    if (mask.dim() == 2) mask = mask.unsqueeze(0);
    mask = mask.unsqueeze(0);
  }
  const auto keys = [&](const at::Tensor& x) {
    return by_head(x.narrow(0, begin - s.first, end - begin));
  };
  const auto heard = at::scaled_dot_product_attention(
      by_head(q), keys(s.k), keys(s.v),
      mask.defined() ? std::optional<at::Tensor>(mask) : std::nullopt);
  return heard.transpose(1, 2).reshape({count, -1});
}

}  // namespace kuchi::models
