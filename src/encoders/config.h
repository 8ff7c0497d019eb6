// src/encoders/config.h
#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace kuchi::encoders {

enum class Family { wav2vec2, hubert, wavlm, data2vec };
std::string to_text(Family family);  // "wav2vec2", "hubert", "wavlm", "data2vec-audio"

enum class ConvNorm {
  group,  // one GroupNorm over time on the first convolution (base models)
  layer,  // a LayerNorm on each (large, XLSR, lv60, data2vec)
};

enum class Activation { gelu, gelu_tanh, relu, silu };

/// Beside a clip's variance where it is normalised: transformers' Wav2Vec2FeatureExtractor.
inline constexpr double kNormaliserEps = 1e-7;

/// The shape of a speech encoder of the wav2vec 2.0 family, as config.json says it.
/// Defaults are wav2vec 2.0 base (Baevski et al., NeurIPS 2020).
struct EncoderConfig {
  Family family = Family::wav2vec2;

  // The convolutional front end: 16 kHz samples → frames.
  std::vector<int64_t> conv_dim = {512, 512, 512, 512, 512, 512, 512};
  std::vector<int64_t> conv_kernel = {10, 3, 3, 3, 3, 2, 2};
  std::vector<int64_t> conv_stride = {5, 2, 2, 2, 2, 2, 2};
  bool conv_bias = false;
  ConvNorm conv_norm = ConvNorm::group;
  Activation conv_activation = Activation::gelu;  // feat_extract_activation; positions' too
  bool projection_norm = true;                    // HuBERT: feat_proj_layer_norm

  // Positional convolution(s).
  int64_t position_kernel = 128;     // num_conv_pos_embeddings; data2vec: conv_pos_kernel_size
  int64_t position_groups = 16;      // num_conv_pos_embedding_groups
  int64_t position_layers = 1;       // data2vec: num_conv_pos_embeddings
  bool position_batch_norm = false;  // HuBERT: conv_pos_batch_norm

  // Transformer.
  int64_t hidden = 768;
  int64_t layers = 12;
  int64_t heads = 12;
  int64_t intermediate = 3072;
  Activation activation = Activation::gelu;  // hidden_act
  bool pre_norm = false;                     // do_stable_layer_norm
  double norm_eps = 1e-5;                    // layer_norm_eps; convolution norms: always 1e-5
  int64_t buckets = 320;                     // WavLM: num_buckets
  int64_t max_distance = 800;                // WavLM: max_bucket_distance

  // preprocessor_config.json; without that file as config.json's norms suggest.
  bool normalise = true;  // do_normalize: zero mean, unit variance over a clip

  int64_t head_dim() const { return hidden / heads; }
  int64_t hop_samples() const;        // 320: product of the strides
  int64_t receptive_samples() const;  // 400: fewer samples give no frame
  /// Frames of a clip, by the convolutions' formula layer by layer; 0 under receptive_samples().
  int64_t frames(int64_t samples) const;
  /// Frame k is centred at first_frame_s() + k · hop_s().
  double hop_s() const;          // 0.02
  double first_frame_s() const;  // 0.0125
};

/// config.json and preprocessor_config.json of a Hugging Face encoder directory.
/// UserError (data), with the file and the key: missing, no JSON, another model type, a value of
/// the wrong type or beyond reason (negative or absurd sizes, hidden not divisible by heads, lists
/// of different lengths), options that change the output and are not supported (add_adapter,
/// adapter_attn_dim), sampling_rate other than 16000.
EncoderConfig read_config(const std::filesystem::path& directory);

/// The same of a config.json by any name; its preprocessor_config.json lies beside it, or not.
EncoderConfig read_config_file(const std::filesystem::path& config_json);

/// The same of both files' texts (the second may be empty), as a checkpoint keeps them; `file` is
/// for messages.
EncoderConfig config_from_text(const std::string& config, const std::string& preprocessor,
                               const std::filesystem::path& file);

/// The same as transformers writes it: config.json and preprocessor_config.json.
nlohmann::ordered_json config_json(const EncoderConfig& config);
nlohmann::ordered_json preprocessor_json(const EncoderConfig& config);

/// The checks of read_config on a configuration from anywhere; `file` is for the message.
void check(const EncoderConfig& config, const std::filesystem::path& file);

}  // namespace kuchi::encoders
