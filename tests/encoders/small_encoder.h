// Encoders of a few thousand weights, and sound for them.
#pragma once

#include <ATen/ATen.h>
#include <torch/utils.h>

#include <memory>
#include <string>
#include <vector>

#include "encoders/encoder.h"

namespace kuchi::test {

inline encoders::EncoderConfig small_config(encoders::Family family = encoders::Family::wav2vec2,
                                            bool pre_norm = false) {
  encoders::EncoderConfig c;
  c.family = family;
  c.conv_dim = std::vector<int64_t>(7, 8);
  c.position_kernel = 8;
  c.position_groups = 2;
  c.hidden = 16;
  c.layers = 3;
  c.heads = 2;
  c.intermediate = 32;
  c.buckets = 16;
  c.max_distance = 40;
  c.pre_norm = pre_norm;
  if (pre_norm) c.conv_norm = encoders::ConvNorm::layer;
  return c;
}

/// Weights far enough from zero that every part of the network matters.
inline std::shared_ptr<encoders::Encoder> small_encoder(const encoders::EncoderConfig& config) {
  torch::manual_seed(7);
  auto encoder = std::make_shared<encoders::Encoder>(config);
  const at::NoGradGuard no_grad;
  for (auto& p : encoder->parameters()) {
    if (p.dim() == 2) p.normal_(0, 0.3);
    if (p.dim() == 1) p.add_(at::empty_like(p).normal_(0, 0.2));
  }
  return encoder;
}

inline at::Tensor noise(int64_t samples, uint64_t seed = 1) {
  torch::manual_seed(seed);
  return at::randn({samples}) * 0.1;
}

inline at::Tensor parameter(const torch::nn::Module& module, const std::string& name) {
  for (const auto& item : module.named_parameters()) {
    if (item.key() == name) return item.value();
  }
  throw std::runtime_error("no parameter " + name);
}

}  // namespace kuchi::test
