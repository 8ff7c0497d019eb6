// src/encoders/listener.h
#pragma once

#include <c10/core/Device.h>

#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "core/error.h"
#include "encoders/encoder.h"
#include "encoders/windows.h"
#include "features/features.h"

namespace kuchi::encoders {

/// The part of a clip's hidden states that features want: [rows, hidden], or of all layers side by
/// side [rows, (layers + 1) · hidden].
Wanted wanted_of(const features::Options& options);

/// How it listens.
struct AttachOptions {
  bool bfloat16 = false;
  Windows windows;
  at::Device device{at::kCPU};
};

/// Hidden states for the features room, of an encoder that is loaded when first asked. A clip too
/// short for one state is continued with silence until it gives one.
class Listener : public features::Source {
 public:
  /// `place` is asked for the directory once, when the encoder is first needed.
  Listener(std::function<std::filesystem::path()> place, Wanted wanted, const AttachOptions& how);
  Matrix states(std::span<const float> samples) const override;
  /// Loaded and frozen.
  Encoder& encoder() const;

 private:
  std::function<std::filesystem::path()> place_;
  Wanted wanted_;
  AttachOptions how_;
  mutable std::mutex mutex_;  // it takes all threads for one clip at a time
  mutable std::shared_ptr<Encoder> encoder_;
};

/// Looks at the encoder that options of kind encoder name and gives them its facts and its states;
/// nothing for another kind. `at` says where features.encoder and features.layer were said.
/// UserError (config): no directory named, a layer it does not have; (data) as read_config().
void attach(features::Options& options, const Location& encoder_at, const Location& layer_at,
            const AttachOptions& how = {});
/// The listener of attached options; std::logic_error without one.
const Listener& listener_of(const features::Options& options);

}  // namespace kuchi::encoders
