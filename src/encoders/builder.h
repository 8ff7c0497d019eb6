// src/encoders/builder.h
#pragma once

#include <string>

#include "encoders/encoder.h"

namespace kuchi::encoders {

/// Makes an encoder's parameters, initialises them as transformers does, and registers each under
/// its name: "encoder.layers.3.layer_norm.weight" is in a module "encoder" with a module "layers" …
class Encoder::Builder {
 public:
  Builder(torch::nn::Module& root, const EncoderConfig& config, Start start)
      : root_(root), c_(config), start_(start) {}

  FrontEnd front_end();
  Projection projection();
  Positions positions();
  Norm norm(const std::string& name, int64_t dim, double eps);
  Layer layer(int64_t index);
  at::Tensor mask_embedding();

 private:
  Linear linear(const std::string& name, int64_t in, int64_t out);
  ConvLayer conv(int64_t index);
  PositionConv position_conv(const std::string& name);
  at::Tensor normal(at::IntArrayRef shape, double std) const;  // mean 0
  at::Tensor uniform(at::IntArrayRef shape, double low, double high) const;
  at::Tensor parameter(const std::string& name, const at::Tensor& value);
  at::Tensor buffer(const std::string& name, const at::Tensor& value);
  torch::nn::Module& module_of(const std::string& path);

  torch::nn::Module& root_;
  const EncoderConfig& c_;
  Start start_;
};

}  // namespace kuchi::encoders
