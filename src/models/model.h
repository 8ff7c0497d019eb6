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
#include "models/condition.h"
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
  Vocabulary condition = {};   // of what it is told
};

/// Normalisation, what it is told of a clip, and a head: raw features in, curves out. What is told
/// goes to the head as values of every frame; a model that is told nothing has no part for it.
class Model : public torch::nn::Module {
 public:
  Model(const HeadKind& kind, const Card& card, const Making& making = {});

  /// features [batch, frames, dim] as the features room makes them; lengths [batch] int64, CPU
  /// told: of each clip; none: tell()'s of all → [batch, frames, curves]
  at::Tensor forward(const at::Tensor& features, const at::Tensor& lengths,
                     const std::vector<Told>& told = {});
  /// The same of audio, for a head that hears it: clips [samples] each; see AudioHead.
  at::Tensor hear(const std::vector<at::Tensor>& clips, const at::Tensor& lengths,
                  const std::vector<Told>& told = {});
  /// What it is told from now on of clips of which a call says nothing; the pivot before.
  void tell(const Told& told) { told_ = told; }
  const Told& told() const { return told_; }
  bool hears_audio() const { return audio_head_ != nullptr; }
  /// A text that names what it hears, to compare and to show.
  std::string hears() const;
  /// Once trained and on its device: for good.
  void freeze_for_inference();

  /// The same as nodes of an ONNX graph. features [batch, frames, dim], lengths [batch] int64,
  /// frames → [batch, frames, curves], zero beyond a clip's end. told: what the card's vocabulary
  /// has.
  onnx::Value emit(onnx::Graph& graph, const onnx::Value& features, const onnx::Value& lengths,
                   const OnnxTold& told = {}) const;
  /// The same of audio, for a head that hears it: audio [batch, samples], 16 kHz, with anything
  /// beyond a clip's end; samples [batch] int64, of each.
  onnx::Value emit_heard(onnx::Graph& graph, const onnx::Value& audio, const onnx::Value& samples,
                         const OnnxTold& told = {}) const;

  /// The same of a chunk of a stream: lengths of the chunk's rows that are frames of the clip; the
  /// rest of a chunk, and all after it, come after the clip's end → rows of curves, zero in rows of
  /// no frame. UserError (config), beginning with `name`, for a head that needs the whole clip.
  StreamRows emit_stream(onnx::Graph& graph, OnnxStates& states, const onnx::Value& features,
                         const onnx::Value& lengths, const std::string& name,
                         const OnnxTold& told = {}) const;

  void set_statistics(const TrainingStatistics& statistics);
  TrainingStatistics statistics() const;
  /// What the head is given: (features - mean) / std, of weighted layers their sum, and beside it
  /// what is told (see forward()); zero from each clip's end on.
  at::Tensor normalise(const at::Tensor& features, const at::Tensor& lengths,
                       const std::vector<Told>& told = {}) const;

  /// Values a frame that the head is given beside what is told; 0 of one that hears audio.
  int64_t heard_values() const { return head_width_ - card_.condition.width; }
  Head& head() { return *head_; }
  const Card& card() const { return card_; }
  /// Values the head has learnt, by descent or in closed form.
  int64_t parameter_count() const;
  /// Everything a checkpoint must hold, by name: parameters, then buffers that are learnt.
  edge::NamedTensors tensors() const;
  /// The card as the metadata of a safetensors file.
  std::map<std::string, std::string> metadata() const;

 private:
  onnx::Value emit_normalised(onnx::Graph& graph, const onnx::Value& features,
                              const onnx::Value& valid, const OnnxTold& told) const;
  at::Tensor vectors(const std::vector<Told>& told, int64_t clips) const;

  Card card_;
  at::Tensor feature_mean_, feature_std_;   // [dim]
  at::Tensor curve_mean_, curve_variance_;  // [curves]
  std::shared_ptr<LayerMix> mix_;           // of weighted layers of an encoder
  std::shared_ptr<Condition> condition_;    // of what it is told, if anything
  Told told_;
  int64_t head_width_ = 0;  // values a frame that the head is given; see Shape::features
  std::shared_ptr<Head> head_;
  AudioHead* audio_head_ = nullptr;  // the same, if it is one
};

/// What a head hears, in a text: the features' signature, or audio.
std::string hears(const HeadKind& kind, const features::Options& features);

}  // namespace kuchi::models
