// src/models/layer_mix.h
#pragma once

#include <torch/nn/module.h>

#include <string>
#include <vector>

#include "edge/tensor_file.h"
#include "features/features.h"
#include "onnx/graph.h"

namespace kuchi::models {

/// A learnt weighted sum of an encoder's layers: g · Σ softmax(w)ᵢ hᵢ, of normalised states
/// (SUPERB, Yang et al., Interspeech 2021). All start alike.
class LayerMix : public torch::nn::Module {
 public:
  explicit LayerMix(const features::Options& options);
  /// x [batch, frames, stack · (layers + 1) · hidden] → [batch, frames, stack · hidden]
  at::Tensor forward(const at::Tensor& x) const;
  onnx::Value emit(onnx::Graph& graph, const onnx::Value& x) const;
  at::Tensor weights() const;  // [layers + 1], adds up to 1

 private:
  int64_t layers_, hidden_, stack_;
  at::Tensor mix_, gain_;  // [layers + 1], [1]
};

/// Whether a model's tensor of that name is the layers' mix: of stored states, or in the head
/// wav2vec2.
bool is_layer_mix(const std::string& name);

/// What each of an encoder's layers counts, adding up to 1, where a model of these tensors learns a
/// sum of them (of stored states, or in the head wav2vec2); else empty.
std::vector<double> layer_weights(const edge::NamedTensors& tensors);

}  // namespace kuchi::models
