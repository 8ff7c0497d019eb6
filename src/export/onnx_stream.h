#pragma once

#include <utility>
#include <vector>

#include "export/onnx_export.h"
#include "features/onnx.h"

namespace kuchi::exporting {

/// The streaming form: a chunk of frames at a time.
struct StreamGraph {
  onnx::Graph graph;
  int64_t lookahead_frames = 0;  // row t of a session is frame t − so many
  std::vector<std::pair<onnx::Port, onnx::Port>> states;  // in and out
  features::SoundUnit unit;                               // of chunks, from audio
};

/// Inputs `features` [batch, frames, dim], as many frames as wanted, or `audio` [batch, samples], a
/// multiple of unit.samples; `lengths` [batch] int64: how many of them are the clip's, the rest
/// coming after its end; those of onnx_told.h; then the states. Outputs `curves` [batch, frames,
/// curves], zero in rows of no frame, and the states. Several models: the mean of their curves, all
/// as late as the latest. UserError (config) for a head that needs the whole clip, where members
/// hear different features, and from audio for features that are not told chunk by chunk.
StreamGraph build_stream_graph(const train::Ensemble& models, const Options& options);

}  // namespace kuchi::exporting
