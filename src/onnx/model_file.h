// src/onnx/model_file.h
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "onnx/graph.h"

namespace kuchi::onnx {

inline constexpr int64_t kFirstOpset = 17, kLastOpset = 21;  // what the emitters are tested with

/// What an .onnx file says beside its graph.
struct ModelInfo {
  int64_t opset = kFirstOpset;
  std::string producer, producer_version, name, doc;
  std::vector<std::pair<std::string, std::string>> metadata;  // metadata_props
};

/// Whole or not at all. UserError (config) for a model of 2 GiB or more, which one file cannot
/// hold. The same graph gives the same bytes.
void write_model(const std::filesystem::path& file, const Graph& graph, const ModelInfo& info);

/// What can be said of an .onnx file without running it.
struct ModelSummary {
  int64_t ir_version = 0;
  ModelInfo info;
  std::vector<Port> inputs, outputs;
  std::map<std::string, int64_t> operators;  // how many nodes of each kind
  int64_t values = 0;                        // in its constants
};
/// UserError (data) where the file is no ONNX model or is damaged.
ModelSummary read_summary(const std::filesystem::path& file);

}  // namespace kuchi::onnx
