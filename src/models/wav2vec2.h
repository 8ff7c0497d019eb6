// src/models/wav2vec2.h
#pragma once

#include <torch/nn/modules/normalization.h>

#include <set>

#include "models/audio_head.h"
#include "models/base.h"
#include "models/wav2vec2_options.h"

namespace kuchi::models {

/// A speech encoder under a head, tuned with it (Baevski et al., NeurIPS 2020, and its kin):
///   audio → encoder → hidden states of one layer, or a learnt sum Σ softmax(w)ᵢ hᵢ of all
///         → LayerNorm → at the curves' frames, by true centres, in straight lines
///         → what is given beside the audio, if anything, joined to each frame → head
/// A clip too short for one frame of the encoder is continued with silence until it gives one.
class Wav2vec2Head : public AudioHead {
 public:
  Wav2vec2Head(const Wav2vec2Options& options, Base base, std::shared_ptr<Head> inner, double fps);

  at::Tensor hear(const std::vector<at::Tensor>& clips, const at::Tensor& lengths,
                  const at::Tensor& beside) override;
  onnx::Value emit_heard(onnx::Graph& graph, const onnx::Value& audio, const onnx::Value& samples,
                         const onnx::Value& lengths, const onnx::Value& beside) const override;
  void start_at(const at::Tensor& mean) override { inner_->start_at(mean); }
  std::vector<std::string> by_curve() const override;
  void freeze_for_inference() override;
  void train(bool on = true) override;

  Treatment treatment(const std::string& name, const at::Tensor& parameter) const override;
  bool is_saved(const std::string& name) const override;
  std::map<std::string, std::string> metadata() const override;

  /// What a graph is made of.
  const encoders::Encoder& encoder() const { return *base_.encoder; }
  const LayerChoice& layer() const { return layer_; }
  at::Tensor mix() const;  // [layers + 1], adds up to 1; undefined unless layer().weighted
  const torch::nn::LayerNormImpl& norm() const { return *norm_; }
  const Head& inner() const { return *inner_; }
  double fps() const { return fps_; }

 private:
  void freeze();
  bool learns(const std::string& name) const;
  int64_t depth(const std::string& name) const;
  void settle();
  encoders::Wanted wanted() const;
  encoders::Hidden encode(const std::vector<at::Tensor>& clips);
  at::Tensor chosen(const encoders::Hidden& hidden) const;

  Wav2vec2Options options_;
  LayerChoice layer_;
  Base base_;
  std::shared_ptr<Head> inner_;
  torch::nn::LayerNorm norm_{nullptr};
  at::Tensor mix_;  // [layers + 1], before softmax
  double fps_;
  encoders::Training training_;
  std::set<std::string> learning_;  // the encoder's parameters that do
  bool settled_ = false;            // what is frozen lies as the processor likes it
};

/// Hidden states of one clip at its curves' frames. hidden [encoder frames, dim] → [frames, dim]
at::Tensor at_curve_frames(const at::Tensor& hidden, const encoders::EncoderConfig& config,
                           double fps, int64_t frames);

class Wav2vec2Kind : public HeadKind {
 public:
  /// The kinds that were made before it may stand on the encoder, where they learn by descent.
  explicit Wav2vec2Kind(const std::vector<std::unique_ptr<HeadKind>>& others);
  std::string name() const override { return "wav2vec2"; }
  std::string about() const override {
    return "A speech encoder tuned under a light head or another: for little data and a "
           "pre-trained encoder.";
  }
  bool hears_audio() const override { return true; }
  void describe(config::Section section) override;
  void check(const Places& at) const override;
  std::string missing() const override;
  std::vector<std::pair<std::string, std::string*>> paths() override {
    return {{"encoder", &options_.encoder}};
  }
  std::vector<std::string> joins() const override { return {options_.head}; }
  std::shared_ptr<Head> make(const Shape& shape) const override;

 private:
  Wav2vec2Options options_;
  std::vector<const HeadKind*> others_;
};

}  // namespace kuchi::models
