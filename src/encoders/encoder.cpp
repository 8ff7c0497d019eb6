#include "encoders/encoder.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "core/interrupt.h"
#include "core/text.h"
#include "encoders/builder.h"
#include "encoders/packed.h"

namespace kuchi::encoders {
namespace {

/// Zero mean, unit (population) variance, the sums in double.
at::Tensor normalised(const at::Tensor& audio) {
  const auto x = audio.to(at::kDouble);
  const auto centred = x - x.mean();
  return (centred / (centred.square().mean() + kNormaliserEps).sqrt()).to(at::kFloat);
}

}  // namespace

at::Tensor Packed::clip(int64_t i) const {
  return x.narrow(0, offsets[static_cast<size_t>(i)], frames(i));
}

Wanted Wanted::all(int64_t layers) {
  Wanted wanted;
  for (int64_t i = 0; i <= layers; ++i) wanted.layers.push_back(i);
  return wanted;
}

bool Wanted::has(int64_t layer) const {
  return std::find(layers.begin(), layers.end(), layer) != layers.end();
}

int64_t Wanted::depth(const EncoderConfig& config) const {
  if (last) return config.layers;
  return layers.empty() ? 0 : layers.back();
}

at::Tensor long_enough(const EncoderConfig& config, const at::Tensor& clip) {
  const int64_t missing = config.receptive_samples() - clip.size(0);
  return missing > 0 ? at::constant_pad_nd(clip, {0, missing}) : clip;
}

Encoder::Encoder(const EncoderConfig& config, Start start) : config_(config) {
  const at::NoGradGuard no_grad;
  check(config, "encoder configuration");
  Builder make(*this, config, start);
  front_ = make.front_end();
  projection_ = make.projection();
  positions_ = make.positions();
  norm_ = make.norm("encoder.layer_norm", config.hidden, config.norm_eps);
  for (int64_t i = 0; i < config.layers; ++i) layers_.push_back(make.layer(i));
  for (auto& layer : layers_) layer.attention.bias_buckets = layers_[0].attention.bias_buckets;
  mask_embedding_ = make.mask_embedding();
}

Packed Encoder::front_end(const std::vector<at::Tensor>& clips) {
  Packed out;
  out.offsets.push_back(0);
  std::vector<at::Tensor> parts;
  for (const auto& clip : clips) {
    if (clip.size(0) < config_.receptive_samples()) {
      throw UserError(Exit::data, cat("a clip of ", clip.size(0), " samples is too short for the ",
                                      "encoder, which hears ", config_.receptive_samples(),
                                      " at a time; leave it out"));
    }
    // In one piece: the front end reads it by its address.
    parts.push_back(front_((config_.normalise ? normalised(clip) : clip).contiguous()));
    out.offsets.push_back(out.offsets.back() + parts.back().size(0));
  }
  out.x = parts.size() == 1 ? parts[0] : at::cat(parts);
  return out;
}

Packed Encoder::project(const Packed& front) {
  const auto x = projection_.norm ? (*projection_.norm)(front.x) : front.x;
  const auto y = at::dropout(projection_.linear(x, is_training()), training_.dropouts.projection,
                             is_training());
  return {y.to(at::kFloat), front.offsets};
}

at::Tensor Encoder::place(const Packed& projected) {
  const at::AutoGradMode gradients(at::GradMode::is_enabled() && !training_.frozen_input);
  std::vector<at::Tensor> parts;
  for (int64_t i = 0; i < projected.clips(); ++i) {
    const auto x = projected.clip(i);
    parts.push_back(x + positions_(x));
  }
  auto x = parts.size() == 1 ? parts[0] : at::cat(parts);
  if (!config_.pre_norm) x = norm_(x);
  return at::dropout(x, training_.frozen_input ? 0 : training_.dropouts.hidden, is_training());
}

at::Tensor Encoder::run_layer(int64_t index, const at::Tensor& x,
                              const std::vector<int64_t>& offsets) {
  const auto& layer = layers_[static_cast<size_t>(index)];
  if (index < training_.frozen_layers) {
    const at::NoGradGuard no_grad;
    return layer(x, offsets);
  }
  return is_training() ? train_layer(layer, x, offsets, training_) : layer(x, offsets);
}

Hidden Encoder::transform(const Packed& projected, const Wanted& wanted) {
  Hidden out;
  out.offsets = projected.offsets;
  auto x = place(projected);
  const auto keep = [&](int64_t i) {
    if (wanted.has(i)) out.layers.push_back(x);
  };
  keep(0);
  for (int64_t i = 0; i < wanted.depth(config_); ++i) {
    if (interruptible_) check_interrupt();
    x = run_layer(i, x, projected.offsets);
    keep(i + 1);
  }
  if (wanted.last) out.last = config_.pre_norm ? norm_(x) : x;
  return out;
}

Hidden Encoder::forward(const std::vector<at::Tensor>& clips, const Wanted& wanted) {
  return transform(project(front_end(clips)), wanted);
}

edge::NamedTensors Encoder::tensors() const {
  edge::NamedTensors out;
  for (const auto& item : named_parameters()) out.emplace_back(item.key(), item.value());
  for (const auto& item : named_buffers()) out.emplace_back(item.key(), item.value());
  return out;
}

void Encoder::freeze_for_inference(bool bfloat16) {
  if (bfloat16 && !has_bfloat16()) {
    throw UserError(
        Exit::environment,
        "bf16: this processor does not multiply bfloat16; leave it out, fp32 is faster");
  }
  const auto type = bfloat16 ? at::kBFloat16 : at::kFloat;
  const at::NoGradGuard no_grad;
  eval();
  for (auto& p : parameters()) p.requires_grad_(false);
  front_.pack(type);
  projection_.linear.pack(type);
  positions_.pack(type);
  for (auto& layer : layers_) layer.pack(type);
}

void Encoder::freeze_front_end() {
  const at::NoGradGuard no_grad;
  for (auto& layer : front_.layers) {
    layer.weight.requires_grad_(false);
    if (layer.bias.defined()) layer.bias.requires_grad_(false);
    if (layer.norm && layer.norm->weight.defined()) {
      layer.norm->weight.requires_grad_(false);
      layer.norm->bias.requires_grad_(false);
    }
  }
  front_.pack(at::kFloat);
}

}  // namespace kuchi::encoders
