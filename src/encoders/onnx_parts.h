// src/encoders/onnx_parts.h
#pragma once

#include "encoders/layers.h"
#include "onnx/graph.h"

/// The layers of layers.h, each as part of a graph.
namespace kuchi::encoders {

onnx::Value emit(onnx::Graph& graph, const Linear& linear, const onnx::Value& x);
onnx::Value emit(onnx::Graph& graph, const Norm& norm, int64_t dim, const onnx::Value& x);
onnx::Value emit(onnx::Graph& graph, Activation activation, const onnx::Value& x);

/// Frames of a batch of clips.
struct OnnxFrames {
  onnx::Value x;        // [batch, n, dim]
  onnx::Value lengths;  // [batch] int64
};
/// audio [batch, samples], normalised, zero beyond a clip's end; lengths [batch], samples of each,
/// enough for a frame. Frames past a clip's own are of no use, but finite.
OnnxFrames emit(onnx::Graph& graph, const FrontEnd& front, const onnx::Value& audio,
                const onnx::Value& lengths);

/// x [batch, n, hidden], zero beyond a clip's end; valid [batch, n, 1] bool
/// → what is added to x
onnx::Value emit(onnx::Graph& graph, const Positions& positions, const onnx::Value& x,
                 const onnx::Value& valid);

/// What the attention of all layers has in common.
struct OnnxKeys {
  onnx::Value mask;  // [batch, 1, 1, n]: 0, and beyond a clip's end so low that its share is 0
  onnx::Value bias;  // [heads, n, n] by query and key: WavLM's, before the gates; else none
};
OnnxKeys emit_keys(onnx::Graph& graph, const Attention& attention, const onnx::Value& n,
                   const onnx::Value& lengths);

/// x [batch, n, hidden] → the same
onnx::Value emit(onnx::Graph& graph, const Attention& attention, const onnx::Value& x,
                 const OnnxKeys& keys);
onnx::Value emit(onnx::Graph& graph, const Layer& layer, const onnx::Value& x,
                 const OnnxKeys& keys);

}  // namespace kuchi::encoders
