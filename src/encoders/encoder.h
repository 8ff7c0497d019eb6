// src/encoders/encoder.h
#pragma once

#include <torch/nn/module.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "edge/tensor_file.h"
#include "encoders/config.h"
#include "encoders/layers.h"
#include "encoders/training.h"

namespace kuchi::encoders {

/// Frames of several clips one after another, without padding: what makes a batch equal to one clip
/// at a time.
struct Packed {
  at::Tensor x;                  // [total frames, dim]
  std::vector<int64_t> offsets;  // [clips + 1]; clip i is rows offsets[i] … offsets[i+1]-1
  int64_t clips() const { return static_cast<int64_t>(offsets.size()) - 1; }
  int64_t frames(int64_t clip) const {
    return offsets[static_cast<size_t>(clip) + 1] - offsets[static_cast<size_t>(clip)];
  }
  /// [frames of the clip, dim]
  at::Tensor clip(int64_t i) const;
};

/// What is wanted of the hidden states; indices as in transformers 5's hidden_states: 0 is what
/// goes into the first layer, i what comes out of the i-th. `last` is last_hidden_state: of a
/// pre-norm encoder after the final norm, which hidden_states[layers] is before.
struct Wanted {
  bool last = true;
  std::vector<int64_t> layers;  // rising, each 0 … config.layers
  static Wanted only(int64_t layer) { return {false, {layer}}; }
  static Wanted all(int64_t layers);  // `last` too
  bool has(int64_t layer) const;
  /// How many of an encoder's layers must run for it.
  int64_t depth(const EncoderConfig& config) const;
};

struct Hidden {
  at::Tensor last;                 // [total, hidden], where wanted
  std::vector<at::Tensor> layers;  // [total, hidden] each, as wanted
  std::vector<int64_t> offsets;    // as in Packed
};

/// A clip [samples] as it is; one too short for a frame continued with silence until it gives one.
at::Tensor long_enough(const EncoderConfig& config, const at::Tensor& clip);

/// What an encoder's weights are at first: drawn, or zero for who sets them all.
enum class Start { random, zero };

/// A speech encoder of the wav2vec 2.0 family (wav2vec 2.0, HuBERT, WavLM, data2vec-audio):
/// 16 kHz audio → a hidden state every 20 ms. Parameters have the names that transformers gives
/// them, without the family's prefix; the positional convolution's weight norm is folded into
/// "encoder.pos_conv_embed.conv.weight".
///
/// Trained with autograd on, or used with it off (at::NoGradGuard / InferenceMode), which takes
/// packed weights, fused operators and pieces of bounded memory.
class Encoder : public torch::nn::Module {
 public:
  /// Random weights as transformers initialises them, drawn from LibTorch's generator.
  explicit Encoder(const EncoderConfig& config, Start start = Start::random);

  const EncoderConfig& config() const { return config_; }

  /// clips  each [samples] float32, 16 kHz as read (normalised here where the config says so), at
  ///        least config.receptive_samples() long: else UserError (data).
  Hidden forward(const std::vector<at::Tensor>& clips, const Wanted& wanted);

  /// The three stages of forward(), for who trains between them.
  Packed front_end(const std::vector<at::Tensor>& clips);  // → [total, conv_dim.back()]
  Packed project(const Packed& front);                     // LayerNorm, Linear → [total, hidden]
  Hidden transform(const Packed& projected, const Wanted& wanted);

  /// Every parameter (and buffer, of HuBERT's batch norm) by transformers' name.
  edge::NamedTensors tensors() const;

  /// Makes the encoder an instrument of inference: gradients off, adapters merged, weights packed
  /// for the processor (as they are now: later changes to them are not seen), in bfloat16 where
  /// asked; norms, attention weights and what runs from layer to layer stay float32.
  /// UserError (environment): bfloat16 on a processor without it.
  void freeze_for_inference(bool bfloat16 = false);
  /// The same for the convolutional front end alone, when the rest is trained.
  void freeze_front_end();

  /// Regularisation in train() mode, none by default (in eval() mode there is none), and what takes
  /// no gradient in either. Frozen parts still want requires_grad_(false) on their parameters.
  void set_training(const Training& training) { training_ = training; }

  /// Whether ^C may end transform() between two layers, as by default. Who trains ends between two
  /// steps instead, where there is a state to save.
  void set_interruptible(bool on) { interruptible_ = on; }

  /// Parts, by the names they have in the literature; for LoRA, freezing, ONNX.
  FrontEnd& front() { return front_; }
  const FrontEnd& front() const { return front_; }
  Projection& projection() { return projection_; }
  const Projection& projection() const { return projection_; }
  Positions& positions() { return positions_; }
  const Positions& positions() const { return positions_; }
  Norm& norm() { return norm_; }
  const Norm& norm() const { return norm_; }
  std::vector<Layer>& layers() { return layers_; }
  const std::vector<Layer>& layers() const { return layers_; }
  at::Tensor& mask_embedding() { return mask_embedding_; }

 private:
  class Builder;                              // makes and registers the parameters
  at::Tensor place(const Packed& projected);  // positions added: what goes into layer 1
  at::Tensor run_layer(int64_t index, const at::Tensor& x, const std::vector<int64_t>& offsets);

  EncoderConfig config_;
  FrontEnd front_;
  Projection projection_;
  Positions positions_;
  Norm norm_;  // encoder.layer_norm
  std::vector<Layer> layers_;
  at::Tensor mask_embedding_;  // masked_spec_embed [hidden]
  Training training_;
  bool interruptible_ = true;
};

}  // namespace kuchi::encoders
