#include "encoders/config.h"

#include <map>

#include "core/error.h"
#include "core/text.h"
#include "encoders/config_check.h"
#include "encoders/json_source.h"

namespace kuchi::encoders {
namespace {

namespace fs = std::filesystem;

const std::map<std::string, Family>& families() {
  static const std::map<std::string, Family> kFamilies = {{"wav2vec2", Family::wav2vec2},
                                                          {"hubert", Family::hubert},
                                                          {"wavlm", Family::wavlm},
                                                          {"data2vec-audio", Family::data2vec}};
  return kFamilies;
}

/// By transformers' names (its ACT2FN). gelu_fast and gelu_new are one formula, with tanh.
const std::map<std::string, Activation>& activations() {
  static const std::map<std::string, Activation> kActivations = {
      {"gelu", Activation::gelu},
      {"gelu_python", Activation::gelu},
      {"gelu_new", Activation::gelu_tanh},
      {"gelu_fast", Activation::gelu_tanh},
      {"gelu_pytorch_tanh", Activation::gelu_tanh},
      {"gelu_python_tanh", Activation::gelu_tanh},
      {"relu", Activation::relu},
      {"silu", Activation::silu},
      {"swish", Activation::silu}};
  return kActivations;
}

std::string activation_name(Activation activation) {
  switch (activation) {
    case Activation::gelu:
      return "gelu";
    case Activation::gelu_tanh:
      return "gelu_new";
    case Activation::relu:
      return "relu";
    case Activation::silu:
      return "silu";
  }
  throw std::logic_error("activation without a name");
}

Activation read_activation(const JsonSource& json, const std::string& key) {
  const auto name = json.text(key, "gelu");
  const auto it = activations().find(name);
  if (it == activations().end()) {
    json.fail(key, cat("is \"", printable(name), "\"; known are gelu, gelu_new, relu and silu"));
  }
  return it->second;
}

Family read_family(const JsonSource& json) {
  if (!json.has("model_type")) {
    fail_data(json.file(),
              "has no \"model_type\": it is no configuration of a speech encoder that transformers "
              "wrote");
  }
  const auto type = json.text("model_type", "");
  const auto it = families().find(type);
  if (it == families().end()) {
    json.fail("model_type", cat("is \"", printable(type),
                                "\"; known are wav2vec2, hubert, wavlm and data2vec-audio"));
  }
  return it->second;
}

/// Options that change the hidden states and are not supported: refused, not passed over.
void refuse_unsupported(const JsonSource& json) {
  if (json.flag("add_adapter", false)) {
    json.fail("add_adapter",
              "is true: an encoder with an adapter on top is not supported; take the model it was "
              "made from");
  }
  if (json.has("adapter_attn_dim")) {
    json.fail("adapter_attn_dim",
              "is set: attention adapters (MMS) are not supported; take the model without them");
  }
}

void read_front(const JsonSource& json, EncoderConfig& c) {
  c.conv_dim = json.integers("conv_dim", c.conv_dim);
  c.conv_kernel = json.integers("conv_kernel", c.conv_kernel);
  c.conv_stride = json.integers("conv_stride", c.conv_stride);
  c.conv_bias = json.flag("conv_bias", c.conv_bias);
  c.conv_activation = read_activation(json, "feat_extract_activation");
  if (c.family == Family::hubert) {
    c.projection_norm = json.flag("feat_proj_layer_norm", true);
    c.position_batch_norm = json.flag("conv_pos_batch_norm", false);
  }
  c.position_groups = json.integer("num_conv_pos_embedding_groups", c.position_groups);
  if (c.family == Family::data2vec) {
    c.conv_norm = ConvNorm::layer;
    c.position_kernel = json.integer("conv_pos_kernel_size", 19);
    c.position_layers = json.integer("num_conv_pos_embeddings", 5);
    return;
  }
  c.position_kernel = json.integer("num_conv_pos_embeddings", c.position_kernel);
  const auto norm = json.text("feat_extract_norm", "group");
  if (norm != "group" && norm != "layer") {
    json.fail("feat_extract_norm", cat("is \"", printable(norm), "\"; known are group and layer"));
  }
  c.conv_norm = norm == "group" ? ConvNorm::group : ConvNorm::layer;
}

void read_transformer(const JsonSource& json, EncoderConfig& c) {
  c.hidden = json.integer("hidden_size", c.hidden);
  c.layers = json.integer("num_hidden_layers", c.layers);
  c.heads = json.integer("num_attention_heads", c.heads);
  c.intermediate = json.integer("intermediate_size", c.intermediate);
  c.activation = read_activation(json, "hidden_act");
  c.norm_eps = json.real("layer_norm_eps", c.norm_eps);
  if (c.family != Family::data2vec) c.pre_norm = json.flag("do_stable_layer_norm", false);
  if (c.family == Family::wavlm) {
    c.buckets = json.integer("num_buckets", c.buckets);
    c.max_distance = json.integer("max_bucket_distance", c.max_distance);
  }
}

/// What transformers' feature extractor would do to the samples; its defaults where it says
/// nothing, or where there is no such file.
void read_preprocessor(const JsonSource& json, EncoderConfig& c) {
  const auto rate = json.integer("sampling_rate", 16000);
  if (rate != 16000) {
    json.fail("sampling_rate", cat("is ", rate, "; encoders are supported at 16000 only"));
  }
  c.normalise = json.flag("do_normalize", true);
}

EncoderConfig config_of(const JsonSource& json) {
  EncoderConfig config;
  config.family = read_family(json);
  refuse_unsupported(json);
  read_front(json, config);
  read_transformer(json, config);
  check(config, [&](const std::string& key) { return json.where(key); });
  return config;
}

}  // namespace

std::string to_text(Family family) {
  for (const auto& [name, value] : families()) {
    if (value == family) return name;
  }
  throw std::logic_error("encoder family without a name");
}

int64_t EncoderConfig::hop_samples() const {
  int64_t hop = 1;
  for (const auto stride : conv_stride) hop *= stride;
  return hop;
}

int64_t EncoderConfig::receptive_samples() const {
  int64_t samples = 1;
  for (size_t i = conv_kernel.size(); i-- > 0;) {
    samples = (samples - 1) * conv_stride[i] + conv_kernel[i];
  }
  return samples;
}

int64_t EncoderConfig::frames(int64_t samples) const {
  for (size_t i = 0; i < conv_kernel.size(); ++i) {
    if (samples < conv_kernel[i]) return 0;
    samples = (samples - conv_kernel[i]) / conv_stride[i] + 1;
  }
  return samples;
}

double EncoderConfig::hop_s() const { return static_cast<double>(hop_samples()) / 16000; }

double EncoderConfig::first_frame_s() const {
  return static_cast<double>(receptive_samples()) / 2 / 16000;
}

EncoderConfig config_from_text(const std::string& text, const std::string& preprocessor,
                               const fs::path& file) {
  auto config = config_of(JsonSource(file, text));
  if (!preprocessor.empty()) read_preprocessor(JsonSource(file, preprocessor), config);
  return config;
}

EncoderConfig read_config_file(const fs::path& config_json) {
  auto config = config_of(JsonSource(config_json));
  // transformers 5 keeps the feature extractor of a whole processor inside processor_config.json.
  std::error_code ec;
  const auto processor = config_json.parent_path() / "processor_config.json";
  const auto preprocessor = config_json.parent_path() / "preprocessor_config.json";
  if (fs::exists(processor, ec)) {
    const JsonSource outer(processor);
    if (outer.has("feature_extractor")) {
      read_preprocessor(JsonSource(outer, "feature_extractor"), config);
      return config;
    }
  }
  if (fs::exists(preprocessor, ec)) read_preprocessor(JsonSource(preprocessor), config);
  return config;
}

EncoderConfig read_config(const fs::path& directory) {
  std::error_code ec;
  if (!fs::is_directory(directory, ec)) {
    fail_data(directory, "no such directory; an encoder is a folder with config.json and weights");
  }
  return read_config_file(directory / "config.json");
}

nlohmann::ordered_json config_json(const EncoderConfig& c) {
  static const std::map<Family, std::string> kClasses = {{Family::wav2vec2, "Wav2Vec2Model"},
                                                         {Family::hubert, "HubertModel"},
                                                         {Family::wavlm, "WavLMModel"},
                                                         {Family::data2vec, "Data2VecAudioModel"}};
  const bool data2vec = c.family == Family::data2vec;
  nlohmann::ordered_json out = {{"architectures", {kClasses.at(c.family)}},
                                {"model_type", to_text(c.family)},
                                {"dtype", "float32"},
                                {"conv_dim", c.conv_dim},
                                {"conv_kernel", c.conv_kernel},
                                {"conv_stride", c.conv_stride},
                                {"conv_bias", c.conv_bias},
                                {"feat_extract_activation", activation_name(c.conv_activation)},
                                {"num_conv_pos_embedding_groups", c.position_groups}};
  if (data2vec) {
    out["conv_pos_kernel_size"] = c.position_kernel;
    out["num_conv_pos_embeddings"] = c.position_layers;
  } else {
    out["num_conv_pos_embeddings"] = c.position_kernel;
    out["feat_extract_norm"] = c.conv_norm == ConvNorm::group ? "group" : "layer";
    out["do_stable_layer_norm"] = c.pre_norm;
  }
  if (c.family == Family::hubert) {
    out["feat_proj_layer_norm"] = c.projection_norm;
    out["conv_pos_batch_norm"] = c.position_batch_norm;
  }
  out["hidden_size"] = c.hidden;
  out["num_hidden_layers"] = c.layers;
  out["num_attention_heads"] = c.heads;
  out["intermediate_size"] = c.intermediate;
  out["hidden_act"] = activation_name(c.activation);
  out["layer_norm_eps"] = c.norm_eps;
  if (c.family == Family::wavlm) {
    out["num_buckets"] = c.buckets;
    out["max_bucket_distance"] = c.max_distance;
  }
  return out;
}

nlohmann::ordered_json preprocessor_json(const EncoderConfig& config) {
  return {{"feature_extractor_type", "Wav2Vec2FeatureExtractor"},
          {"sampling_rate", 16000},
          {"feature_size", 1},
          {"padding_side", "right"},
          {"padding_value", 0.0},
          {"do_normalize", config.normalise},
          {"return_attention_mask", config.conv_norm == ConvNorm::layer}};
}

}  // namespace kuchi::encoders
