// src/features/onnx.h
#pragma once

#include "features/features.h"
#include "onnx/graph.h"

/// Features as part of an ONNX graph: the same definition as compute(), operator by operator.
namespace kuchi::features {

struct OnnxFeatures {
  onnx::Value features;  // [batch, frames, dim] float32, as compute() gives them
  onnx::Value lengths;   // [batch] int64, frames of each clip
};

/// audio    [batch, samples] float32, 16 kHz; what lies beyond a clip's end is not heard
/// lengths  [batch] int64, samples of each clip
OnnxFeatures emit(onnx::Graph& graph, const Options& options, double fps, const onnx::Value& audio,
                  const onnx::Value& lengths);

/// frame_count() of whole numbers of samples, of any shape.
onnx::Value emit_frame_count(onnx::Graph& graph, const onnx::Value& samples, double fps);

/// log_mel() of every clip: audio [batch, samples], silent beyond its end → [batch, rows, 80].
/// Rows count to the longest clip's end; those past a shorter clip's own last row are of no use.
/// The Fourier sum runs in double: in float32 quiet bands beside loud ones would be noise.
onnx::Value emit_log_mel(onnx::Graph& graph, const onnx::Value& audio);

/// at_times(): rows [batch, n, dim] with `last` [batch] int64, each clip's last row
/// → [batch, frames, dim · stack] at j / fps. frames: [] int64.
struct OnnxRows {
  onnx::Value rows, last;
  int64_t dim = 0;
  double hop_s = 0;
  double first_s = 0;  // time of the first row
};
onnx::Value emit_at_times(onnx::Graph& graph, const OnnxRows& rows, double fps,
                          const onnx::Value& frames, int64_t stack, double spacing_s);

}  // namespace kuchi::features
