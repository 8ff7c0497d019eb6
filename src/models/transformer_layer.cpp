#include "models/transformer_layer.h"

#include <ATen/ATen.h>
#include <torch/nn/init.h>

#include "encoders/layers.h"

namespace kuchi::models {

namespace nn = torch::nn;

SelfAttention::SelfAttention(int64_t width, int64_t heads) : heads_(heads) {
  in_weight_ = register_parameter("in_proj_weight", at::empty({3 * width, width}));
  in_bias_ = register_parameter("in_proj_bias", at::zeros({3 * width}));
  out_ = register_module("out_proj", nn::Linear(width, width));
  nn::init::xavier_uniform_(in_weight_);
  nn::init::zeros_(out_->bias);
}

AttentionInput SelfAttention::project(const at::Tensor& x, const Rotation& rotation) const {
  const int64_t head_dim = in_weight_.size(1) / heads_;
  const auto y = at::linear(x, in_weight_, in_bias_);
  const auto all = y.view({x.size(0), 3, heads_, head_dim}).unbind(1);
  return {rotation(all[0]), rotation(all[1]), all[2]};
}

TransformerLayer::TransformerLayer(const TransformerOptions& options) : options_(options) {
  const nn::LayerNormOptions norm({options.width});
  attention_ =
      register_module("self_attn", std::make_shared<SelfAttention>(options.width, options.heads));
  linear1_ = register_module("linear1", nn::Linear(options.width, options.feed_forward));
  linear2_ = register_module("linear2", nn::Linear(options.feed_forward, options.width));
  norm1_ = register_module("norm1", nn::LayerNorm(norm));
  norm2_ = register_module("norm2", nn::LayerNorm(norm));
}

at::Tensor TransformerLayer::feed_forward(const at::Tensor& x) const {
  encoders::Layer layer;  // the encoders' own, which spares memory where no gradients are kept
  layer.activation = encoders::Activation::relu;
  layer.up.weight = linear1_->weight;
  layer.up.bias = linear1_->bias;
  layer.down.weight = linear2_->weight;
  layer.down.bias = linear2_->bias;
  encoders::Dropouts dropouts;
  dropouts.training = is_training();
  dropouts.hidden = dropouts.activation = options_.dropout;
  return layer.feed_forward(x, dropouts);
}

AttentionInput TransformerLayer::before(const at::Tensor& x, const Rotation& rotation) const {
  const bool pre = options_.norm == NormPlace::pre;
  return attention_->project(pre ? norm1_->forward(x) : x, rotation);
}

at::Tensor TransformerLayer::after(const at::Tensor& x, const at::Tensor& heard) const {
  const auto sum = x + at::dropout(attention_->join(heard), options_.dropout, is_training());
  if (options_.norm == NormPlace::pre) return sum + feed_forward(norm2_->forward(sum));
  const auto y = norm1_->forward(sum);
  return norm2_->forward(y + feed_forward(y));
}

at::Tensor TransformerLayer::forward(const at::Tensor& x, const Attending& attend,
                                     const Rotation& rotation) const {
  const auto in = before(x, rotation);
  const double dropout = is_training() ? options_.attention_dropout : 0;
  return after(x, attend(in.q, in.k, in.v, dropout));
}

}  // namespace kuchi::models
