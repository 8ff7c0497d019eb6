// src/models/base.h
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>

#include "encoders/encoder.h"
#include "models/head.h"

namespace kuchi::models {

/// The encoder that a head stands on, and what a checkpoint says of it, so that what did not change
/// need not be in it.
struct Base {
  std::shared_ptr<encoders::Encoder> encoder;
  std::string directory, hash;  // absolute; of encoders::hash()

  /// "encoder", "encoder_hash", "encoder_family", "encoder_config", "encoder_preprocessor",
  /// "encoder_saved": all or changed.
  std::map<std::string, std::string> metadata(bool all_saved) const;
};

/// Anew: the encoder in `directory`. For a checkpoint: the first of `making.encoders`, `directory`
/// and where the checkpoint says it was that has the checkpoint's hash, or, where the checkpoint
/// holds all, none: only its shape is made. UserError (data): as encoders::load(); a base that is
/// not where it was, saying how to name its new place, or is another one.
Base open_base(const std::string& directory, const Making& making);

}  // namespace kuchi::models
