// src/models/model.h
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>

#include "core/provenance.h"
#include "curves/rig.h"
#include "edge/tensor_file.h"
#include "features/features.h"
#include "models/audio_head.h"
#include "models/layer_mix.h"

namespace kuchi::models {

/// Statistics of the training part that a model carries with it.
struct TrainingStatistics {
  at::Tensor feature_mean, feature_std;   // [dim]
  at::Tensor curve_mean, curve_variance;  // [curves]
};

/// What a model needs to be used: everything but the weights.
struct Card {
  std::string head;
  features::Options features;
  curves::Rig rig;
  double fps = 30;
  Provenance provenance = {};  // of what it was trained on
};

/// Normalisation and a head: raw features in, curves out.
class Model : public torch::nn::Module {
 public:
  Model(const HeadKind& kind, const Card& card, const Making& making = {});

  /// features [batch, frames, dim] as the features room makes them; lengths [batch] int64, CPU
  /// → [batch, frames, curves]
  at::Tensor forward(const at::Tensor& features, const at::Tensor& lengths);
  /// The same of audio, for a head that hears it: clips [samples] each; see AudioHead.
  at::Tensor hear(const std::vector<at::Tensor>& clips, const at::Tensor& lengths);
  bool hears_audio() const { return audio_head_ != nullptr; }
  /// A text that names what it hears, to compare and to show.
  std::string hears() const;
  /// Once trained and on its device: for good.
  void freeze_for_inference();

  /// The same as nodes of an ONNX graph. features [batch, frames, dim], lengths [batch] int64,
  /// frames → [batch, frames, curves], zero beyond a clip's end.
  onnx::Value emit(onnx::Graph& graph, const onnx::Value& features,
                   const onnx::Value& lengths) const;
  /// The same of audio, for a head that hears it: audio [batch, samples], 16 kHz, with anything
  /// beyond a clip's end; samples [batch] int64, of each.
  onnx::Value emit_heard(onnx::Graph& graph, const onnx::Value& audio,
                         const onnx::Value& samples) const;

  void set_statistics(const TrainingStatistics& statistics);
  TrainingStatistics statistics() const;
  /// What the head is given: (features - mean) / std, zero from each clip's end on; of weighted
  /// layers their sum.
  at::Tensor normalise(const at::Tensor& features, const at::Tensor& lengths) const;

  Head& head() { return *head_; }
  const Card& card() const { return card_; }
  /// Values the head has learnt, by descent or in closed form.
  int64_t parameter_count() const;
  /// Everything a checkpoint must hold, by name: parameters, then buffers that are learnt.
  edge::NamedTensors tensors() const;
  /// The card as the metadata of a safetensors file.
  std::map<std::string, std::string> metadata() const;

 private:
  Card card_;
  at::Tensor feature_mean_, feature_std_;   // [dim]
  at::Tensor curve_mean_, curve_variance_;  // [curves]
  std::shared_ptr<LayerMix> mix_;           // of weighted layers of an encoder
  std::shared_ptr<Head> head_;
  AudioHead* audio_head_ = nullptr;  // the same, if it is one
};

/// What a head hears, in a text: the features' signature, or audio.
std::string hears(const HeadKind& kind, const features::Options& features);

}  // namespace kuchi::models
