// src/features/onnx.h
#pragma once

#include <optional>

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
/// The same at any frames j [batch, frames] int64, of rows that begin with row first_row [batch] of
/// the clip; first_row without a name: with row 0. Of what is not there the nearest that is.
onnx::Value emit_at_frames(onnx::Graph& graph, const OnnxRows& rows, double fps,
                           const onnx::Value& j, const onnx::Value& first_row, int64_t stack,
                           double spacing_s);

/// Sound in chunks: of so many samples, or a multiple, so many frames can be told, and no others
/// after them.
struct SoundUnit {
  int64_t samples = 0, frames = 0;
};
/// nullopt where features need sound beyond their frame's unit, or no unit of a second is whole.
std::optional<SoundUnit> sound_unit(const Options& options, double fps);

/// A chunk of a session, of whole units.
struct OnnxSound {
  static constexpr int64_t kPast = 480;  // samples
  onnx::Value samples;  // [batch, kPast + chunk] float32: what was before it too; silent outside
                        // the clip
  onnx::Value before;   // [batch] int64: samples given before the chunk
  onnx::Value total;    // [batch] int64: samples of the clip, as far as they have come
};
/// compute() of the chunk's frames, features.lengths being those that are of the clip.
OnnxFeatures emit_chunk(onnx::Graph& graph, const Options& options, double fps,
                        const OnnxSound& sound);

}  // namespace kuchi::features
