#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "onnx/graph.h"
#include "onnx/model_file.h"
#include "train/ensemble.h"

/// Models on their way out. (`export` is a word of C++, so the namespace cannot be named after the
/// room.)
namespace kuchi::exporting {

/// What the graph begins with.
enum class From {
  audio,     // [batch, samples] float32, 16 kHz mono: anyone's sound
  features,  // [batch, frames, dim] float32, as kuchi encode writes them
};

struct Options {
  From from = From::audio;
  bool streaming = false;  // chunks with states (onnx_stream.h)
  onnx::Storage weights = onnx::Storage::float32;
  int64_t opset = onnx::kFirstOpset;
  std::string version, commit;  // of the program, for the metadata
};

/// Inputs `audio` or `features`, then `lengths` [batch] int64 (samples or frames of each clip),
/// then those of onnx_told.h; output `curves` [batch, frames, curves], in the rig's order and
/// units, zero beyond a clip's end. Normalisation is inside; each clip's result is as if it stood
/// alone. Several models: the mean of their curves. UserError (config) where they hear different
/// features and `from` is features.
onnx::Graph build_graph(const train::Ensemble& models, const Options& options);

/// build_graph() with what a user of the file must know as metadata: see docs/onnx.md.
/// Whole or not at all.
void export_onnx(const train::Ensemble& models, const Options& options,
                 const std::filesystem::path& file);

}  // namespace kuchi::exporting
