#include "models/tcn.h"

#include <ATen/ATen.h>

#include "core/text.h"
#include "models/lookahead.h"
#include "models/steps.h"

namespace kuchi::models {

namespace nn = torch::nn;

namespace {

constexpr double kMostDilation = 4096;  // frames: more than any clip needs

/// 1 inside a clip, 0 beyond its end: [batch, frames, 1]; undefined where all clips fill the batch.
at::Tensor mask_of(const at::Tensor& lengths, const at::Tensor& features) {
  if (lengths.eq(features.size(1)).all().item<bool>()) return {};
  const auto t = at::arange(features.size(1), at::kLong).unsqueeze(0);
  return (t < lengths.unsqueeze(1)).unsqueeze(2).to(features.options());
}

}  // namespace

TcnBlock::TcnBlock(const TcnOptions& o, int64_t dilation) {
  for (size_t i = 0; i < 2; ++i) {
    const TemporalConv::Form form{o.width, o.width, o.kernel, dilation, o.causal};
    convs_[i] = register_module(cat("conv", i), std::make_shared<TemporalConv>(form));
    norms_[i] = register_module(cat("norm", i), nn::LayerNorm(nn::LayerNormOptions({o.width})));
  }
  dropout_ = register_module("dropout", nn::Dropout(o.dropout));
}

at::Tensor TcnBlock::after_conv(size_t i, const at::Tensor& x) {
  return dropout_->forward(at::relu(norms_[i]->forward(x)));
}

at::Tensor TcnBlock::forward(const at::Tensor& x, const at::Tensor& mask) {
  auto y = x;
  for (size_t i = 0; i < 2; ++i) {
    y = after_conv(i, convs_[i]->forward(y));
    // Beyond a clip's end a bias has made something of nothing, which the next convolution of a
    // frame inside would hear.
    if (mask.defined()) y = y * mask;
  }
  return x + y;
}

TcnHead::TcnHead(const Shape& shape, const TcnOptions& options) : options_(options) {
  input_ = register_module("input", nn::Linear(shape.features, options.width));
  int64_t dilation = 1;
  for (int64_t i = 0; i < options.blocks; ++i, dilation *= options.growth) {
    blocks_.push_back(
        register_module(cat("block", i), std::make_shared<TcnBlock>(options, dilation)));
  }
  output_ = register_module(
      "output", output_steps(options.width, options.output, options.dropout, shape.size()));
  range_ = register_module("range", std::make_shared<RangeOutput>(shape.curves));
}

at::Tensor TcnHead::forward(const at::Tensor& features, const at::Tensor& lengths) {
  const int64_t late = options_.lookahead;
  auto x = input_->forward(continued(features, lengths, late));
  const auto mask = options_.causal ? at::Tensor() : mask_of(lengths, features);
  if (mask.defined()) x = x * mask;
  for (const auto& block : blocks_) x = block->forward(x, mask);
  return range_->forward(output_->forward(x.narrow(1, late, features.size(1))));
}

void TcnHead::start_at(const at::Tensor& mean) { models::start_at(output_, *range_, mean); }

std::vector<std::string> TcnHead::by_curve() const { return models::by_curve(output_, "output"); }

std::optional<int64_t> TcnHead::lookahead_frames() const {
  int64_t frames = options_.lookahead;
  for (const auto& block : blocks_) frames += block->conv(0).after() + block->conv(1).after();
  return frames;
}

void TcnKind::describe(config::Section section) {
  section.add("width", options_.width).at_least(1).at_most(1 << 14).help("channels of a block");
  section.add("blocks", options_.blocks)
      .at_least(1)
      .at_most(16)
      .help("residual blocks of two convolutions each");
  section.add("kernel", options_.kernel)
      .at_least(2)
      .at_most(31)
      .help("frames a convolution hears; odd, unless causal");
  section.add("growth", options_.growth)
      .at_least(1)
      .at_most(8)
      .help("a block's dilation over that of the block before; the first has 1");
  section.add("output", options_.output)
      .at_least(1)
      .at_most(1 << 16)
      .help("widths of the steps after the blocks");
  section.add("dropout", options_.dropout)
      .at_least(0)
      .below(1)
      .help("in the blocks and in the output steps");
  section.add("causal", options_.causal)
      .help("convolutions hear nothing after a frame, for live use");
  section.add("lookahead", options_.lookahead)
      .at_least(0)
      .at_most(10)
      .unit("frames")
      .help("of a causal one: how many frames beyond its own a frame of curves has heard");
}

void TcnKind::check(const Places& at) const {
  if (!options_.causal && options_.lookahead > 0) {
    fail_config(
        at("model.tcn.lookahead"),
        "model.tcn.lookahead is of a causal network, and one that is not looks ahead by its "
        "kernels; set model.tcn.causal=true, or leave it 0");
  }
  if (!options_.causal && options_.kernel % 2 == 0) {
    fail_config(at("model.tcn.kernel"), cat("an even kernel (", options_.kernel,
                                            ") has no centre; take an odd one, or set "
                                            "model.tcn.causal=true"));
  }
  double dilation = 1;
  for (int64_t i = 1; i < options_.blocks; ++i) dilation *= static_cast<double>(options_.growth);
  if (dilation > kMostDilation) {
    fail_config(at("model.tcn.growth"),
                cat("the last of ", options_.blocks, " blocks would have a dilation of ",
                    number(dilation, 3), " frames, beyond ", number(kMostDilation),
                    "; take fewer blocks or less growth"));
  }
}

}  // namespace kuchi::models
