#pragma once

#include <filesystem>
#include <span>

#include "export/onnx_export.h"

namespace kuchi::exporting {

/// How far a file's curves are from the models' own on one recording.
struct Difference {
  double largest = 0;
  double squared = 0;  // mean of the squares
  int64_t frames = 0;
};
/// Largest difference that float32 in another order of sums may make.
inline constexpr double kSameWithin = 1e-4;

/// Runs what export_onnx() wrote, with the same options, in ONNX Runtime (onnx_runtime.h) on 16 kHz
/// mono audio of one frame at least; the streaming form in chunks of unlike sizes. A model that is
/// told who speaks is told nobody.
Difference check_onnx(const train::Ensemble& models, const Options& options,
                      const std::filesystem::path& file, std::span<const float> audio,
                      const std::filesystem::path& library);

}  // namespace kuchi::exporting
