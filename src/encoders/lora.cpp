#include "encoders/lora.h"

#include <ATen/ATen.h>

#include <cmath>
#include <stdexcept>

#include "core/text.h"

namespace kuchi::encoders {
namespace {

/// A target's weights in a layer, and where transformers has them.
Linear& linear_of(Layer& layer, const std::string& target, std::string& path) {
  auto& a = layer.attention;
  if (target == "q") return path = "attention.q_proj", a.q;
  if (target == "k") return path = "attention.k_proj", a.k;
  if (target == "v") return path = "attention.v_proj", a.v;
  if (target == "out") return path = "attention.out_proj", a.out;
  if (target == "up") return path = "feed_forward.intermediate_dense", layer.up;
  if (target == "down") return path = "feed_forward.output_dense", layer.down;
  throw std::logic_error("no such target of an adapter: " + target);
}

torch::nn::Module& module_at(torch::nn::Module& root, const std::string& path) {
  auto* at = &root;
  for (const auto& name : split(path, '.')) {
    const auto children = at->named_children();
    const auto* child = children.find(name);
    if (!child) throw std::logic_error("the encoder has no module " + path);
    at = child->get();
  }
  return *at;
}

}  // namespace

const std::vector<std::string>& lora_targets() {
  static const std::vector<std::string> kAll = {"q", "k", "v", "out", "up", "down"};
  return kAll;
}

void add_lora(Encoder& encoder, const LoraOptions& options, int64_t layers) {
  const at::NoGradGuard no_grad;
  for (int64_t i = 0; i < layers; ++i) {
    for (const auto& target : options.targets) {
      std::string path;
      auto& linear = linear_of(encoder.layers()[static_cast<size_t>(i)], target, path);
      auto& module = module_at(encoder, cat("encoder.layers.", i, ".", path));
      const int64_t in = linear.weight.size(1), out = linear.weight.size(0);
      const double bound = 1 / std::sqrt(static_cast<double>(in));
      const auto a = at::empty({options.rank, in}, linear.weight.options().requires_grad(false));
      linear.lora_a = module.register_parameter("lora_a", a.uniform_(-bound, bound));
      linear.lora_b = module.register_parameter("lora_b", at::zeros({out, options.rank}));
      linear.lora_scale = options.alpha / static_cast<double>(options.rank);
      linear.lora_dropout = options.dropout;
    }
  }
}

}  // namespace kuchi::encoders
