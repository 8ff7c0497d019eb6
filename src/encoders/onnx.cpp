#include "encoders/onnx.h"

#include <ATen/ATen.h>

#include <limits>

#include "core/error.h"
#include "core/text.h"
#include "encoders/onnx_parts.h"
#include "onnx/ops.h"

namespace kuchi::encoders {
namespace {

using onnx::Graph;
using onnx::Type;
using onnx::Value;

/// Said before anything is built: a graph of it would take as much memory again.
void check_size(const Encoder& encoder) {
  uint64_t bytes = 0;
  for (const auto& p : encoder.parameters()) bytes += static_cast<uint64_t>(p.numel()) * 4;
  if (bytes > std::numeric_limits<int32_t>::max()) {
    throw UserError(Exit::config, cat("the encoder holds ", bytes >> 20,
                                      " MiB of weights and one ONNX file holds at most 2047; "
                                      "export a model on a smaller encoder"));
  }
}

/// Clips as they are heard: zero beyond their end, and none too short for a frame.
struct Sound {
  Value audio, lengths;  // [batch, samples], [batch]
};
Sound emit_sound(Graph& g, const EncoderConfig& config, const Value& audio, const Value& lengths) {
  const auto least = g.integer(config.receptive_samples());
  const auto samples = onnx::size_of(g, audio, 1);
  const auto valid = onnx::within(g, samples, lengths);
  const auto heard = onnx::where(g, valid, audio, g.number(0, Type::float32));
  const auto missing = onnx::maximum(g, onnx::sub(g, least, samples), g.integer(0));
  return {onnx::pad_last(g, heard, 2, 0, onnx::unsqueeze(g, missing, {0})),
          onnx::maximum(g, lengths, least)};
}

/// Zero mean, unit (population) variance over each clip, in double as Encoder has it.
Value emit_normalised(Graph& g, const Sound& sound) {
  const Graph::Part part(g, "normalise");
  const auto zero = g.number(0, Type::float64);
  const auto count = onnx::cast(g, onnx::unsqueeze(g, sound.lengths, {1}), Type::float64);
  const auto x = onnx::cast(g, sound.audio, Type::float64);
  const auto valid = onnx::within(g, onnx::size_of(g, x, 1), sound.lengths);
  const auto mean = onnx::div(g, onnx::sum(g, x, {1}), count);  // the padding is zero
  const auto centred = onnx::where(g, valid, onnx::sub(g, x, mean), zero);
  const auto variance = onnx::div(g, onnx::sum(g, onnx::mul(g, centred, centred), {1}), count);
  const auto deviation =
      onnx::sqrt(g, onnx::add(g, variance, g.number(kNormaliserEps, Type::float64)));
  return onnx::cast(g, onnx::div(g, centred, deviation), Type::float32);
}

OnnxFrames emit_front(Graph& g, const Encoder& encoder, const Value& audio, const Value& lengths) {
  const Graph::Part part(g, "front_end");
  auto sound = emit_sound(g, encoder.config(), audio, lengths);
  if (encoder.config().normalise) sound.audio = emit_normalised(g, sound);
  return emit(g, encoder.front(), sound.audio, sound.lengths);
}

/// What goes into the first layer, [batch, n, hidden].
Value emit_placed(Graph& g, const Encoder& encoder, const OnnxFrames& frames, const Value& n) {
  const auto& c = encoder.config();
  auto x = frames.x;
  {
    const Graph::Part part(g, "projection");
    if (encoder.projection().norm) x = emit(g, *encoder.projection().norm, c.conv_dim.back(), x);
    x = emit(g, encoder.projection().linear, x);
  }
  const auto valid = onnx::unsqueeze(g, onnx::within(g, n, frames.lengths), {2});
  x = onnx::where(g, valid, x, g.number(0, Type::float32));
  x = onnx::add(g, x, emit(g, encoder.positions(), x, valid));
  if (c.pre_norm) return x;
  const Graph::Part part(g, "norm");
  return emit(g, encoder.norm(), c.hidden, x);
}

}  // namespace

OnnxHidden emit(Graph& g, const Encoder& encoder, const Value& audio, const Value& lengths,
                const Wanted& wanted) {
  check_size(encoder);
  const at::NoGradGuard no_grad;
  const Graph::Part part(g, "encoder");
  const auto& c = encoder.config();
  const auto frames = emit_front(g, encoder, audio, lengths);
  const auto n = onnx::size_of(g, frames.x, 1);
  auto x = emit_placed(g, encoder, frames, n);

  OnnxHidden out;
  out.last_row = onnx::sub(g, frames.lengths, g.integer(1));
  const auto keep = [&](int64_t i) {
    if (wanted.has(i)) out.layers.push_back(x);
  };
  keep(0);
  const int64_t needed = wanted.depth(c);
  OnnxKeys keys;
  if (needed > 0) keys = emit_keys(g, encoder.layers()[0].attention, n, frames.lengths);
  for (int64_t i = 0; i < needed; ++i) {
    const Graph::Part layer(g, cat("layers.", i));
    x = emit(g, encoder.layers()[static_cast<size_t>(i)], x, keys);
    keep(i + 1);
  }
  if (wanted.last && c.pre_norm) {
    const Graph::Part norm(g, "norm");
    x = emit(g, encoder.norm(), c.hidden, x);
  }
  if (wanted.last) out.last = x;
  return out;
}

}  // namespace kuchi::encoders
