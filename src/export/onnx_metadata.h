#pragma once

#include <string>
#include <utility>
#include <vector>

#include "export/onnx_export.h"

namespace kuchi::exporting {

/// The metadata_props of an exported model, in a fixed order. Lists are JSON.
///   kuchi_version, kuchi_commit
///   heads         ["bilstm", …], one a member
///   features      signature of what the model hears, or "audio"; of the first member
///   sample_rate   Hz, from audio only
///   fps           frames/s of the curves
///   rig, curves ["jawOpen", …], ranges [[low, high], …], rest [0, …]
///   models        [{"run", "step", "head", "features", "data", "store_hash"}, …]: what it was
///                 made of; on a speech encoder "encoder_family" and "encoder_hash" too
///   data, licence, consent, permitted_use, synthetic_mark: provenance of the training recordings
std::vector<std::pair<std::string, std::string>> metadata(const train::Ensemble& models,
                                                          const Options& options);

}  // namespace kuchi::exporting
