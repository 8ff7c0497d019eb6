#include <ATen/ATen.h>

#include "encoders/layers.h"
#include "encoders/packed.h"

namespace kuchi::encoders {
namespace {

/// Rows of a product at a time: its windows overlap, and with many more of them oneDNN copies.
constexpr int64_t kQueries = 512;

/// The library's convolution. x [frames, hidden] → [frames, hidden]
at::Tensor convolve(const PositionConv& conv, int64_t groups, const at::Tensor& x) {
  const int64_t kernel = conv.weight.size(2);
  const auto y = at::conv1d(x.t().unsqueeze(0), conv.weight, conv.bias, /*stride=*/1,
                            /*padding=*/kernel / 2, /*dilation=*/1, groups);
  return y[0].narrow(1, 0, x.size(0)).t();  // an even kernel makes one frame too many
}

/// The same as a product a group over windows of [time, channels], with the activation in it.
at::Tensor convolve_packed(const PositionConv& conv, Activation activation, bool activated,
                           const at::Tensor& x) {
  const auto groups = static_cast<int64_t>(conv.packed.size());
  const int64_t frames = x.size(0), width = x.size(1) / groups, kernel = conv.weight.size(2);
  const auto type = conv.packed.front()->type;
  const auto padded = at::constant_pad_nd(x, {0, 0, kernel / 2, kernel / 2}).to(type);
  const auto by_group = padded.view({-1, groups, width}).transpose(0, 1).contiguous();
  auto out = at::empty({frames, groups, width}, x.options());
  for (int64_t g = 0; g < groups; ++g) {
    const auto one = by_group[g];
    const auto& product = *conv.packed[static_cast<size_t>(g)];
    for (int64_t begin = 0; begin < frames; begin += kQueries) {
      const int64_t count = std::min(kQueries, frames - begin);
      const auto rows =
          one.as_strided({count, kernel * width}, {width, 1}, one.storage_offset() + begin * width);
      out.select(1, g)
          .narrow(0, begin, count)
          .copy_(activated ? product.with(activation, rows) : product(rows));
    }
  }
  return out.view({frames, x.size(1)});
}

at::Tensor batch_norm(const PositionConv& conv, const at::Tensor& x) {
  return at::batch_norm(x, conv.batch_weight, conv.batch_bias, conv.batch_mean, conv.batch_variance,
                        /*training=*/false, /*momentum=*/0.1, /*eps=*/1e-5,
                        /*cudnn_enabled=*/false);
}

}  // namespace

at::Tensor Positions::operator()(const at::Tensor& x) const {
  auto y = x;
  for (const auto& conv : convs) {
    if (conv.batch_mean.defined()) y = batch_norm(conv, y);
    if (!conv.packed.empty() && !at::GradMode::is_enabled()) {
      y = convolve_packed(conv, activation, !stacked, y);
      if (!stacked) continue;
    } else {
      y = convolve(conv, groups, y);
    }
    if (stacked) y = Norm()(y);
    y = activate(activation, y);
  }
  return y;
}

void Positions::pack(at::ScalarType type) {
  for (auto& conv : convs) {
    if (!can_pack(conv.weight)) continue;
    // [hidden, width, kernel] → a matrix [width, kernel · width] for each group
    const int64_t width = conv.weight.size(1);
    const auto matrices =
        conv.weight.permute({0, 2, 1}).reshape({groups, conv.weight.size(0) / groups, -1});
    conv.packed.clear();
    for (int64_t g = 0; g < groups; ++g) {
      conv.packed.push_back(
          encoders::pack(matrices[g], conv.bias.narrow(0, g * width, width), type));
    }
  }
}

}  // namespace kuchi::encoders
