// Encoders of a few thousand weights, one of each kind, and their directories.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "../data/fixture.h"
#include "encoders/load.h"

namespace kuchi::test {

inline encoders::EncoderConfig tiny_encoder(encoders::Family family = encoders::Family::wav2vec2) {
  encoders::EncoderConfig c;
  c.family = family;
  c.conv_dim = {8, 8, 12};
  c.conv_kernel = {10, 3, 2};
  c.conv_stride = {5, 2, 2};
  c.hidden = 16;
  c.layers = 2;
  c.heads = 2;
  c.intermediate = 24;
  c.position_kernel = 6;
  c.position_groups = 4;
  c.buckets = 12;
  c.max_distance = 20;
  if (family == encoders::Family::data2vec) {
    c.conv_norm = encoders::ConvNorm::layer;
    c.position_kernel = 5;
    c.position_layers = 2;
  }
  return c;
}

/// Every kind that config.json can ask for.
inline std::map<std::string, encoders::EncoderConfig> tiny_encoders() {
  using encoders::Family;
  std::map<std::string, encoders::EncoderConfig> out;
  for (const auto family : {Family::wav2vec2, Family::hubert, Family::wavlm, Family::data2vec}) {
    out[to_text(family)] = tiny_encoder(family);
  }
  auto large = tiny_encoder();
  large.conv_norm = encoders::ConvNorm::layer;
  large.conv_bias = large.pre_norm = true;
  out["large"] = large;
  auto batch_norm = tiny_encoder(Family::hubert);
  batch_norm.position_batch_norm = true;
  batch_norm.projection_norm = false;
  batch_norm.activation = encoders::Activation::relu;
  out["batch norm"] = batch_norm;
  auto wavlm = tiny_encoder(Family::wavlm);
  wavlm.conv_norm = encoders::ConvNorm::layer;
  wavlm.pre_norm = true;
  wavlm.normalise = false;
  out["wavlm large"] = wavlm;
  return out;
}

}  // namespace kuchi::test
