// src/models/wav2vec2_options.h
#pragma once

#include <cstdint>
#include <string>

#include "encoders/lora.h"
#include "encoders/masks.h"
#include "encoders/training.h"
#include "models/head.h"

namespace kuchi::models {

/// What of the encoder learns.
enum class Tune { frozen, top, all, lora };
/// What of the encoder a checkpoint holds.
enum class Save { changed, all };

/// Section `model.wav2vec2`.
struct Wav2vec2Options {
  std::string encoder;  // directory
  std::string head = "light";
  std::string layer = "last";  // "last", "weighted" or a number
  Tune tune = Tune::top;
  int64_t top_layers = 4;
  bool front_end = false;
  encoders::LoraOptions lora;
  double lr_scale = 0.1;
  double layer_decay = 1;
  double mask_time_prob = 0.05;
  int64_t mask_time_length = 10;
  double mask_feature_prob = 0;
  int64_t mask_feature_length = 10;
  double layer_drop = 0.05;
  double dropout = 0.1;
  double attention_dropout = 0;
  double activation_dropout = 0;
  bool checkpointing = false;
  Save save = Save::changed;

  encoders::Masking masking() const;
  encoders::Training training() const;  // its frozen parts: as of Tune::all
};

/// `heads`: names of those that may stand on the encoder, beside "light".
void describe(config::Section section, Wav2vec2Options& options,
              const std::vector<std::string>& heads);

/// UserError (config), at the place that says so, for options that contradict each other.
void check(const Wav2vec2Options& options, const Places& at);

/// The hidden states that the head hears.
struct LayerChoice {
  bool weighted = false;  // a learnt sum of all of them
  bool last = false;      // last_hidden_state
  int64_t index = 0;      // hidden_states[index] where neither; layers that run where they do
};
/// UserError (config) for a layer or more top_layers than the encoder has.
LayerChoice choose_layer(const Wav2vec2Options& options, int64_t layers);

}  // namespace kuchi::models
