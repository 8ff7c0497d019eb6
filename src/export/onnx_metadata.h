#pragma once

#include <string>
#include <utility>
#include <vector>

#include "export/onnx_export.h"
#include "export/onnx_stream.h"

namespace kuchi::exporting {

/// The metadata_props of an exported model, in a fixed order. Lists are JSON.
///   kuchi_version, kuchi_commit
///   heads         ["bilstm", …], one a member
///   features      signature of what the model hears, or "audio"; of the first member
///   sample_rate   Hz, from audio only
///   fps           frames/s of the curves
///   rig, curves ["jawOpen", …], ranges [[low, high], …], rest [0, …]
///   speakers, styles ["", "anna", …]: an input's numbers; where the models are told these
///   models        [{"run", "step", "head", "features", "data", "store_hash"}, …]: what it was
///                 made of; on a speech encoder "encoder_family" and "encoder_hash" too
///   weights       "fp16" or "int8", where they are not kept as float32
///   data, licence, consent, permitted_use, synthetic_mark: provenance of the training recordings
std::vector<std::pair<std::string, std::string>> metadata(const train::Ensemble& models,
                                                          const Options& options);

/// What follows in the streaming form:
///   streaming         1
///   lookahead_frames  row t of a session is frame t − so many
///   chunk_samples, chunk_frames  from audio: a chunk is a multiple, and gives so many rows
///   states            [{"in", "out", "type", "shape"}, …]: shape without the batch
std::vector<std::pair<std::string, std::string>> stream_metadata(const StreamGraph& stream);

}  // namespace kuchi::exporting
