// src/models/condition.h
#pragma once

#include <torch/nn/module.h>

#include <vector>

#include "models/told.h"
#include "onnx/graph.h"

namespace kuchi::models {

/// Told in a graph, of each clip; what the model's vocabulary lacks is not read. A number beyond
/// the vocabulary is the pivot.
struct OnnxTold {
  onnx::Value speaker, style;  // [batch] int64
  onnx::Value intensity;       // [batch] float32
};

/// What a model is told of a clip as one vector, learnt a name. With a row a name and row 0 for the
/// pivot,
///   v = S[speaker] + P[0] + intensity · (P[style] − P[0])
/// of the speakers S and the styles P, each where there are any. The pivot begins as zeros, a name
/// as a normal draw, of the size of normalised features. Under a head that is solved nothing is
/// learnt: the pivot is zeros, and each name a one in a place of its own.
class Condition : public torch::nn::Module {
 public:
  Condition(const Vocabulary& vocabulary, bool learnt);
  /// False where the tables follow from the names.
  bool is_learnt() const { return learnt_; }
  /// → [clips, width], on the tables' device
  at::Tensor forward(const std::vector<Told>& told) const;
  /// → [batch, width]
  onnx::Value emit(onnx::Graph& graph, const OnnxTold& told) const;

 private:
  at::Tensor table(const std::string& name, size_t names, int64_t width, int64_t first);

  bool intensity_, learnt_;
  at::Tensor speaker_, style_;  // [1 + names, width]; undefined where there are none
};

}  // namespace kuchi::models
