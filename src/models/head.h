// src/models/head.h
#pragma once

#include <torch/nn/module.h>

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "config/schema.h"
#include "onnx/graph.h"

namespace kuchi::models {

/// The range a curve's values may take.
struct Range {
  double low = 0, high = 1;
};

/// What a head stands between.
struct Shape {
  int64_t features = 0;       // values a frame, after normalisation
  std::vector<Range> curves;  // one a curve, from the rig
  int64_t size() const { return static_cast<int64_t>(curves.size()); }
};

struct OnnxBatch;  // models/onnx.h

/// Speech features → mouth curves.
class Head : public torch::nn::Module {
 public:
  /// features [batch, frames, dim], normalised, zero beyond a clip's end
  /// lengths  [batch] int64 on the CPU, each 1 … frames
  /// returns  [batch, frames, curves] in curve units; what lies beyond a clip's end is undefined.
  /// A clip's result does not depend on the clips it shares a batch with.
  virtual at::Tensor forward(const at::Tensor& features, const at::Tensor& lengths) = 0;

  /// The same as nodes of an ONNX graph: [batch, frames, curves], undefined beyond a clip's end.
  virtual onnx::Value emit(onnx::Graph& graph, const OnnxBatch& batch) const = 0;

  /// Before training: the mean of the training curves, [curves], as a place to start from.
  virtual void start_at(const at::Tensor& mean) { (void)mean; }
};

/// A head that is solved, not descended to: sees every training clip once, then solves.
class ClosedFormHead : public Head {
 public:
  /// features [frames, dim] normalised, targets [frames, curves]
  virtual void observe(const at::Tensor& features, const at::Tensor& targets) = 0;
  virtual void solve() = 0;
};

/// A kind of head with its options; one a file, listed in heads.cpp.
class HeadKind {
 public:
  virtual ~HeadKind() = default;
  virtual std::string name() const = 0;
  /// One line for the reference: what it is and when to take it.
  virtual std::string about() const = 0;
  virtual void describe(config::Section section) { (void)section; }
  virtual std::shared_ptr<Head> make(const Shape& shape) const = 0;
};

/// Every kind there is, each with options at their defaults: the one list.
std::vector<std::unique_ptr<HeadKind>> all_heads();

/// Section `model`: which head, and every head's own options under model.<head>.
struct Options {
  std::string head = "bilstm";
  std::vector<std::unique_ptr<HeadKind>> kinds = all_heads();
  const HeadKind& chosen() const;
};
void describe(config::Section section, Options& options);

}  // namespace kuchi::models
