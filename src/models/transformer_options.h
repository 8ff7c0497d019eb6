// src/models/transformer_options.h
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "models/attention.h"
#include "models/head.h"

namespace kuchi::models {

enum class Position { none, sinusoidal, learned, rotary, alibi };
enum class Sight { full, windowed, causal };
enum class NormPlace { pre, post };

/// A stack of transformer layers: of the head `transformer`, and within `hybrid`.
struct TransformerOptions {
  int64_t width = 512;
  int64_t heads = 8;
  int64_t feed_forward = 2048;
  int64_t layers = 4;
  Position positions = Position::rotary;
  int64_t learned_positions = 512;
  Sight attention = Sight::full;
  int64_t left = 64, right = 64;  // frames; left −1: all
  NormPlace norm = NormPlace::pre;
  double dropout = 0.1;
  double attention_dropout = 0;

  int64_t head_dim() const { return width / heads; }
  /// What one layer sees.
  Reach reach() const;
  /// What all layers together look ahead: layers × right; nothing: to the clip's end.
  std::optional<int64_t> lookahead_frames() const;
  /// As Head::how_to_stream(); "" where nothing is in the way. prefix: "model.transformer."
  std::string how_to_stream(const std::string& prefix) const;
};

void describe(config::Section section, TransformerOptions& options);
/// UserError (config) at the place that says so. prefix: "model.transformer."
void check(const TransformerOptions& options, const std::string& prefix, const Places& at);

}  // namespace kuchi::models
