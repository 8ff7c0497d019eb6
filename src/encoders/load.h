// src/encoders/load.h
#pragma once

#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "encoders/encoder.h"

namespace kuchi::encoders {

/// An encoder directory as Hugging Face lays it out: config.json, preprocessor_config.json,
/// model.safetensors (or model.safetensors.index.json with its shards, or pytorch_model.bin).
/// Weight norm of either naming is folded, the prefixes "wav2vec2.", "hubert.", "wavlm.",
/// "data2vec_audio." fall, heads that are no part of the encoder (lm_head, quantizer, project_*,
/// adapters of none) are passed over, float16, bfloat16 and float64 become float32.
/// UserError (data), naming file and tensor: what is missing, has another shape or dtype (with what
/// was expected), is not finite; and all that the readers say.
std::shared_ptr<Encoder> load(const std::filesystem::path& directory);

/// What a directory holds, as far as it can be told without reading the values.
struct Summary {
  EncoderConfig config;
  int64_t parameters = 0;
  std::vector<std::filesystem::path> files;  // of the weights
  std::vector<std::string> dtypes;           // "F32", …: those of the weights that are used
};
/// UserError (data) as load(), but that values are not looked at.
Summary summarise(const std::filesystem::path& directory);

/// True if the folder holds a config.json that read_config could try.
bool is_encoder(const std::filesystem::path& path);

/// Hash of what the hidden states depend on (configuration and weights as files), 16 hex digits;
/// names the encoder in stores, runs and caches. Reads the weights once, at disk speed.
std::string hash(const std::filesystem::path& directory);

/// Writes the directory whole or not at all, so that load() here and transformers' from_pretrained
/// open it. UserError (config) where it exists and force is not set. `pretraining` is what
/// pretraining.json says of how the weights came about; null: no such file.
void save(const Encoder& encoder, const std::filesystem::path& directory, bool force = false,
          const nlohmann::ordered_json& pretraining = nullptr);

/// What save() would refuse, before the work whose result it is to write.
void check_place(const std::filesystem::path& directory, bool force);

}  // namespace kuchi::encoders
