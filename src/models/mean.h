// src/models/mean.h
#pragma once

#include "models/head.h"

namespace kuchi::models {

/// The training mean of each curve, whatever is heard: what every model must beat.
class MeanHead : public ClosedFormHead {
 public:
  explicit MeanHead(const Shape& shape);
  at::Tensor forward(const at::Tensor& features, const at::Tensor& lengths) override;
  onnx::Value emit(onnx::Graph& graph, const OnnxBatch& batch) const override;
  bool emit_stream(onnx::Graph& graph, OnnxStates& states, StreamRows& rows) const override;
  void observe(const at::Tensor& features, const at::Tensor& targets) override;
  void solve() override;

 private:
  at::Tensor mean_;          // [curves]
  at::Tensor sum_, frames_;  // [curves], float64: over those that have the curve
};

class MeanKind : public HeadKind {
 public:
  std::string name() const override { return "mean"; }
  bool by_descent() const override { return false; }
  bool listens() const override { return false; }
  std::string about() const override {
    return "The training mean of each curve: the floor that every model must beat.";
  }
  std::shared_ptr<Head> make(const Shape& shape) const override {
    return std::make_shared<MeanHead>(shape);
  }
};

}  // namespace kuchi::models
