// src/models/transformer.h
#pragma once

#include <torch/nn/modules/container/sequential.h>
#include <torch/nn/modules/linear.h>

#include "models/head.h"
#include "models/range_output.h"
#include "models/transformer_stack.h"

namespace kuchi::models {

/// Linear to the width, positions and transformer layers (Vaswani et al. 2017), then output steps
/// of Linear + ReLU + Dropout, Linear to the curves, and their ranges.
///
/// Without gradients on the CPU a long clip under windowed or causal attention goes through in
/// pieces, as a stream: memory does not grow with it.
class TransformerHead : public Head {
 public:
  TransformerHead(const Shape& shape, const TransformerOptions& options,
                  const std::vector<int64_t>& output);
  at::Tensor forward(const at::Tensor& features, const at::Tensor& lengths) override;
  onnx::Value emit(onnx::Graph& graph, const OnnxBatch& batch) const override;
  bool emit_stream(onnx::Graph& graph, OnnxStates& states, StreamRows& rows) const override;
  void start_at(const at::Tensor& mean) override;
  std::vector<std::string> by_curve() const override;
  std::optional<int64_t> lookahead_frames() const override;
  std::unique_ptr<HeadStream> stream() override;
  std::string how_to_stream() const override {
    return stack_->options().how_to_stream("model.transformer.");
  }

 private:
  torch::nn::Linear input_{nullptr};
  std::shared_ptr<TransformerStack> stack_;
  torch::nn::Sequential output_;
  std::shared_ptr<RangeOutput> range_;
};

class TransformerKind : public HeadKind {
 public:
  std::string name() const override { return "transformer"; }
  std::string about() const override {
    return "Self-attention: the choice for much data when the whole clip is at hand; windowed or "
           "causal, time and memory are linear in length.";
  }
  void describe(config::Section section) override;
  void check(const Places& at) const override { models::check(options_, "model.transformer.", at); }
  std::shared_ptr<Head> make(const Shape& shape) const override {
    return std::make_shared<TransformerHead>(shape, options_, output_);
  }

 private:
  TransformerOptions options_;
  std::vector<int64_t> output_ = {256, 128};
};

}  // namespace kuchi::models
