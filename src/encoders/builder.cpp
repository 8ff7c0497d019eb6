#include "encoders/builder.h"

#include <ATen/ATen.h>

#include <cmath>

#include "core/text.h"

namespace kuchi::encoders {
namespace {

constexpr double kInitialStd = 0.02;  // initializer_range
constexpr double kConvNormEps = 1e-5;

/// A module that only has a name and children.
struct Node : torch::nn::Module {};

}  // namespace

torch::nn::Module& Encoder::Builder::module_of(const std::string& path) {
  torch::nn::Module* at = &root_;
  size_t begin = 0;
  for (size_t dot = path.find('.'); dot != std::string::npos; dot = path.find('.', begin)) {
    const auto name = path.substr(begin, dot - begin);
    const auto children = at->named_children();
    const auto* child = children.find(name);
    at = child ? child->get() : at->register_module(name, std::make_shared<Node>()).get();
    begin = dot + 1;
  }
  return *at;
}

at::Tensor Encoder::Builder::normal(at::IntArrayRef shape, double std) const {
  return start_ == Start::zero ? at::zeros(shape) : at::empty(shape).normal_(0, std);
}

at::Tensor Encoder::Builder::uniform(at::IntArrayRef shape, double low, double high) const {
  return start_ == Start::zero ? at::zeros(shape) : at::empty(shape).uniform_(low, high);
}

at::Tensor Encoder::Builder::parameter(const std::string& name, const at::Tensor& value) {
  return module_of(name).register_parameter(name.substr(name.rfind('.') + 1), value);
}

at::Tensor Encoder::Builder::buffer(const std::string& name, const at::Tensor& value) {
  return module_of(name).register_buffer(name.substr(name.rfind('.') + 1), value);
}

Norm Encoder::Builder::norm(const std::string& name, int64_t dim, double eps) {
  return {parameter(name + ".weight", at::ones({dim})), parameter(name + ".bias", at::zeros({dim})),
          eps};
}

Linear Encoder::Builder::linear(const std::string& name, int64_t in, int64_t out) {
  Linear l;
  l.weight = parameter(name + ".weight", normal({out, in}, kInitialStd));
  l.bias = parameter(name + ".bias", at::zeros({out}));
  return l;
}

ConvLayer Encoder::Builder::conv(int64_t index) {
  const auto i = static_cast<size_t>(index);
  const auto name = cat("feature_extractor.conv_layers.", index);
  const int64_t in = index == 0 ? 1 : c_.conv_dim[i - 1], out = c_.conv_dim[i];
  const double fan_in = static_cast<double>(in * c_.conv_kernel[i]);
  ConvLayer layer;
  layer.stride = c_.conv_stride[i];
  // Kaiming normal (He et al., 2015)
  layer.weight =
      parameter(name + ".conv.weight", normal({out, in, c_.conv_kernel[i]}, std::sqrt(2 / fan_in)));
  if (c_.conv_bias) {
    const double bound = std::sqrt(1 / fan_in);
    layer.bias = parameter(name + ".conv.bias", uniform({out}, -bound, bound));
  }
  layer.group_norm = c_.conv_norm == ConvNorm::group;
  if (!layer.group_norm || index == 0) layer.norm = norm(name + ".layer_norm", out, kConvNormEps);
  layer.group_norm = layer.group_norm && index == 0;
  return layer;
}

FrontEnd Encoder::Builder::front_end() {
  FrontEnd front;
  front.activation = c_.conv_activation;
  for (size_t i = 0; i < c_.conv_dim.size(); ++i) {
    front.layers.push_back(conv(static_cast<int64_t>(i)));
  }
  return front;
}

Projection Encoder::Builder::projection() {
  const int64_t in = c_.conv_dim.back();
  Projection p;
  if (c_.projection_norm) p.norm = norm("feature_projection.layer_norm", in, c_.norm_eps);
  p.linear = linear("feature_projection.projection", in, c_.hidden);
  const double bound = std::sqrt(1 / static_cast<double>(in));
  p.linear.weight.copy_(uniform({c_.hidden, in}, -bound, bound));
  p.linear.bias.copy_(uniform({c_.hidden}, -bound, bound));
  return p;
}

PositionConv Encoder::Builder::position_conv(const std::string& name) {
  const int64_t width = c_.hidden / c_.position_groups;
  PositionConv conv;
  const double std = 2 * std::sqrt(1 / static_cast<double>(c_.position_kernel * c_.hidden));
  conv.weight =
      parameter(name + ".conv.weight", normal({c_.hidden, width, c_.position_kernel}, std));
  conv.bias = parameter(name + ".conv.bias", at::zeros({c_.hidden}));
  return conv;
}

Positions Encoder::Builder::positions() {
  const std::string name = "encoder.pos_conv_embed";
  Positions p;
  p.groups = c_.position_groups;
  p.activation = c_.conv_activation;
  p.stacked = c_.family == Family::data2vec;
  if (p.stacked) {
    for (int64_t i = 0; i < c_.position_layers; ++i) {
      p.convs.push_back(position_conv(cat(name, ".layers.", i)));
    }
    return p;
  }
  p.convs.push_back(position_conv(name));
  if (c_.position_batch_norm) {
    auto& conv = p.convs[0];
    const auto batch = name + ".batch_norm";
    conv.batch_weight = parameter(batch + ".weight", at::ones({c_.hidden}));
    conv.batch_bias = parameter(batch + ".bias", at::zeros({c_.hidden}));
    conv.batch_mean = buffer(batch + ".running_mean", at::zeros({c_.hidden}));
    conv.batch_variance = buffer(batch + ".running_var", at::ones({c_.hidden}));
  }
  return p;
}

Layer Encoder::Builder::layer(int64_t index) {
  const auto name = cat("encoder.layers.", index), attention = name + ".attention";
  Layer l;
  auto& a = l.attention;
  a.heads = c_.heads;
  a.q = linear(attention + ".q_proj", c_.hidden, c_.hidden);
  a.k = linear(attention + ".k_proj", c_.hidden, c_.hidden);
  a.v = linear(attention + ".v_proj", c_.hidden, c_.hidden);
  a.out = linear(attention + ".out_proj", c_.hidden, c_.hidden);
  if (c_.family == Family::wavlm) {
    a.max_distance = c_.max_distance;
    a.gate = linear(attention + ".gru_rel_pos_linear", c_.head_dim(), 8);
    a.gate_scale = parameter(attention + ".gru_rel_pos_const", at::ones({1, c_.heads, 1, 1}));
    if (index == 0) {
      a.bias_buckets = parameter(attention + ".rel_attn_embed.weight",
                                 normal({c_.buckets, c_.heads}, kInitialStd));
    }
  }
  l.attention_norm = norm(name + ".layer_norm", c_.hidden, c_.norm_eps);
  l.up = linear(name + ".feed_forward.intermediate_dense", c_.hidden, c_.intermediate);
  l.down = linear(name + ".feed_forward.output_dense", c_.intermediate, c_.hidden);
  l.final_norm = norm(name + ".final_layer_norm", c_.hidden, c_.norm_eps);
  l.activation = c_.activation;
  l.pre_norm = c_.pre_norm;
  return l;
}

at::Tensor Encoder::Builder::mask_embedding() {
  return parameter("masked_spec_embed", uniform({c_.hidden}, 0, 1));
}

}  // namespace kuchi::encoders
