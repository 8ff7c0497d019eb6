// src/encoders/onnx.h
#pragma once

#include <vector>

#include "encoders/encoder.h"
#include "onnx/graph.h"

/// An encoder as part of an ONNX graph: what Encoder::forward() does with each clip alone, for a
/// padded batch of them. Adapters are merged; there is no dropout and no mask.
namespace kuchi::encoders {

/// Hidden states, as wanted; rows past a clip's own last one are of no use, but finite.
struct OnnxHidden {
  onnx::Value last;                 // [batch, n, hidden]
  std::vector<onnx::Value> layers;  // [batch, n, hidden] each
  onnx::Value last_row;             // [batch] int64: frames of each clip, less one
};

/// audio    [batch, samples] float32, 16 kHz; what lies beyond a clip's end is not heard
/// lengths  [batch] int64, samples of each clip, 0 … samples. A clip too short for one frame is
///          continued with silence until it gives one.
/// UserError (config) for an encoder too large for one ONNX file, or a WavLM whose positions differ
/// farther apart than a graph can hold.
OnnxHidden emit(onnx::Graph& graph, const Encoder& encoder, const onnx::Value& audio,
                const onnx::Value& lengths, const Wanted& wanted);

}  // namespace kuchi::encoders
