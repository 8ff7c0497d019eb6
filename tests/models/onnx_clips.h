// tests/models/onnx_clips.h
#pragma once

#include <ATen/ATen.h>

#include <map>
#include <set>
#include <string>
#include <vector>

#include "../data/fixture.h"
#include "../tensor_npy.h"
#include "core/text.h"
#include "models/model.h"
#include "onnx/graph.h"

/// What tests of heads as graphs share: clips for them and for Python, and what the heads stand in.
namespace kuchi::test {

/// Random features by their number of frames, [frames, 80]; also as DIR/features/FRAMES.npy.
inline std::map<int64_t, at::Tensor> write_clips(const fs::path& dir,
                                                 const std::vector<int64_t>& lengths) {
  fs::create_directories(dir / "features");
  std::map<int64_t, at::Tensor> clips;
  for (const auto frames : lengths) {
    clips[frames] = at::randn({frames, 80});
    write_npy(dir / cat("features/", frames, ".npy"), clips[frames]);
  }
  return clips;
}

inline models::Card onnx_card() {
  models::Card card;
  card.features.stack = 1;
  card.rig = curves::load_rig("arkit-mouth");
  return card;
}

/// Constants that no node and no output of a graph asks for.
inline std::vector<std::string> unused_constants(const onnx::Graph& g) {
  std::set<std::string> used;
  for (const auto& node : g.nodes()) used.insert(node.inputs.begin(), node.inputs.end());
  for (const auto& port : g.outputs()) used.insert(port.name);
  std::vector<std::string> out;
  for (const auto& constant : g.constants()) {
    if (used.count(constant.name) == 0) out.push_back(constant.name);
  }
  return out;
}

}  // namespace kuchi::test
