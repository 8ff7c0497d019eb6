#include "encoders/shapes.h"

#include "core/text.h"

namespace kuchi::encoders {
namespace {

class List {
 public:
  void add(const std::string& name, const std::vector<int64_t>& shape) {
    shapes.emplace_back(name, shape);
  }
  void norm(const std::string& name, int64_t dim) {
    add(name + ".weight", {dim});
    add(name + ".bias", {dim});
  }
  void linear(const std::string& name, int64_t in, int64_t out) {
    add(name + ".weight", {out, in});
    add(name + ".bias", {out});
  }
  Shapes shapes;
};

void add_front(const EncoderConfig& c, List& list) {
  int64_t in = 1;
  for (size_t i = 0; i < c.conv_dim.size(); ++i) {
    const auto layer = cat("feature_extractor.conv_layers.", i);
    list.add(layer + ".conv.weight", {c.conv_dim[i], in, c.conv_kernel[i]});
    if (c.conv_bias) list.add(layer + ".conv.bias", {c.conv_dim[i]});
    if (i == 0 || c.conv_norm == ConvNorm::layer) list.norm(layer + ".layer_norm", c.conv_dim[i]);
    in = c.conv_dim[i];
  }
  if (c.projection_norm) list.norm("feature_projection.layer_norm", in);
  list.linear("feature_projection.projection", in, c.hidden);
}

void add_positions(const EncoderConfig& c, List& list) {
  const auto conv = [&](const std::string& name) {
    list.add(name + ".weight", {c.hidden, c.hidden / c.position_groups, c.position_kernel});
    list.add(name + ".bias", {c.hidden});
  };
  if (c.family == Family::data2vec) {
    for (int64_t i = 0; i < c.position_layers; ++i) {
      conv(cat("encoder.pos_conv_embed.layers.", i, ".conv"));
    }
    return;
  }
  conv("encoder.pos_conv_embed.conv");
  if (c.position_batch_norm) {
    list.norm("encoder.pos_conv_embed.batch_norm", c.hidden);
    list.add("encoder.pos_conv_embed.batch_norm.running_mean", {c.hidden});
    list.add("encoder.pos_conv_embed.batch_norm.running_var", {c.hidden});
  }
}

void add_layer(const EncoderConfig& c, int64_t index, List& list) {
  const auto layer = cat("encoder.layers.", index);
  for (const auto* part : {"q_proj", "k_proj", "v_proj", "out_proj"}) {
    list.linear(cat(layer, ".attention.", part), c.hidden, c.hidden);
  }
  if (c.family == Family::wavlm) {
    list.add(layer + ".attention.gru_rel_pos_const", {1, c.heads, 1, 1});
    list.linear(layer + ".attention.gru_rel_pos_linear", c.head_dim(), 8);
    if (index == 0) list.add(layer + ".attention.rel_attn_embed.weight", {c.buckets, c.heads});
  }
  list.norm(layer + ".layer_norm", c.hidden);
  list.linear(layer + ".feed_forward.intermediate_dense", c.hidden, c.intermediate);
  list.linear(layer + ".feed_forward.output_dense", c.intermediate, c.hidden);
  list.norm(layer + ".final_layer_norm", c.hidden);
}

}  // namespace

Shapes tensor_shapes(const EncoderConfig& config) {
  List list;
  add_front(config, list);
  list.add("masked_spec_embed", {config.hidden});
  add_positions(config, list);
  list.norm("encoder.layer_norm", config.hidden);
  for (int64_t i = 0; i < config.layers; ++i) add_layer(config, i, list);
  return std::move(list.shapes);
}

int64_t value_count(const EncoderConfig& config) {
  int64_t total = 0;
  for (const auto& [name, shape] : tensor_shapes(config)) {
    int64_t values = 1;
    for (const auto n : shape) values *= n;
    total += values;
  }
  return total;
}

}  // namespace kuchi::encoders
