#include <ATen/ATen.h>

#include "encoders/layers.h"
#include "encoders/packed.h"

namespace kuchi::encoders {
namespace {

/// Rows of the widest product at a time when nothing is kept for gradients: 6 MB of base, which
/// stay in the cache and come from the heap, not from fresh pages.
constexpr int64_t kRows = 512;

}  // namespace

at::Tensor Layer::feed_forward(const at::Tensor& x, const Dropouts& d) const {
  const auto whole = [&](const at::Tensor& rows) {
    const auto inner = at::dropout(up.with(activation, rows, d.training), d.activation, d.training);
    return at::dropout(down(inner, d.training), d.hidden, d.training);
  };
  if (at::GradMode::is_enabled() || x.size(0) <= kRows) return whole(x);
  std::vector<at::Tensor> parts;
  for (const auto& rows : x.split(kRows)) parts.push_back(whole(rows).to(x.scalar_type()));
  return at::cat(parts);
}

at::Tensor Layer::operator()(const at::Tensor& x, const std::vector<int64_t>& offsets,
                             const Dropouts& d) const {
  const auto attend = [&](const at::Tensor& in) {
    return at::dropout(attention(in, offsets, d), d.hidden, d.training);
  };
  if (pre_norm) {
    const auto y = x + attend(attention_norm(x));
    return y + feed_forward(final_norm(y), d);
  }
  const auto y = attention_norm(x + attend(x));
  return final_norm(y + feed_forward(y, d));
}

void Layer::pack(at::ScalarType type) {
  attention.pack(type);
  up.pack(type);
  down.pack(type);
}

}  // namespace kuchi::encoders
