// src/models/hybrid.h
#pragma once

#include <torch/nn/modules/container/sequential.h>
#include <torch/nn/modules/linear.h>
#include <torch/nn/modules/rnn.h>

#include "models/head.h"
#include "models/range_output.h"
#include "models/transformer_stack.h"

namespace kuchi::models {

enum class Arrangement { attention_over_lstm, lstm_over_attention, parallel };

struct HybridOptions {
  Arrangement arrangement = Arrangement::attention_over_lstm;
  int64_t hidden = 256;
  int64_t lstm_layers = 2;
  bool bidirectional = true;
  double lstm_dropout = 0.1;
  TransformerOptions transformer;
  std::vector<int64_t> output = {256, 128};
  HybridOptions() {
    transformer.width = 256;
    transformer.heads = 4;
    transformer.feed_forward = 1024;
    transformer.layers = 2;
  }
};

/// LSTM and self-attention together, between Linear to the width and output steps as in
/// TransformerHead. With L(x) = Linear(LSTM(x)), back to the width, and T the transformer layers:
///
///   attention_over_lstm   y = T(L(x))
///   lstm_over_attention   y = L(T(x))
///   parallel              y = g ⊙ T(x) + (1 − g) ⊙ L(x),  g = sigmoid(W [T(x); L(x)] + b)
class HybridHead : public Head {
 public:
  HybridHead(const Shape& shape, const HybridOptions& options);
  at::Tensor forward(const at::Tensor& features, const at::Tensor& lengths) override;
  onnx::Value emit(onnx::Graph& graph, const OnnxBatch& batch) const override;
  bool emit_stream(onnx::Graph& graph, OnnxStates& states, StreamRows& rows) const override;
  void start_at(const at::Tensor& mean) override;
  std::vector<std::string> by_curve() const override;
  std::optional<int64_t> lookahead_frames() const override;
  std::unique_ptr<HeadStream> stream() override;
  std::string how_to_stream() const override;

 private:
  class Stream;
  at::Tensor recurrent(const at::Tensor& x, const ClipRows& rows, const at::Tensor& lengths);
  onnx::Value emit_recurrent(onnx::Graph& graph, const OnnxBatch& batch) const;
  onnx::Value emit_stack(onnx::Graph& graph, const OnnxBatch& batch) const;
  onnx::Value emit_arranged(onnx::Graph& graph, const OnnxBatch& batch) const;
  onnx::Value emit_gated(onnx::Graph& graph, const onnx::Value& attended,
                         const onnx::Value& recurrent) const;
  StreamRows emit_recurrent(onnx::Graph& graph, OnnxStates& states, const StreamRows& rows) const;
  StreamRows emit_stack(onnx::Graph& graph, OnnxStates& states, const StreamRows& rows) const;
  StreamRows emit_arranged(onnx::Graph& graph, OnnxStates& states, const StreamRows& rows) const;
  at::Tensor gated(const at::Tensor& attended, const at::Tensor& recurrent);
  at::Tensor answer(const at::Tensor& x) { return range_->forward(output_->forward(x)); }
  bool live() const;

  HybridOptions options_;
  torch::nn::Linear input_{nullptr}, merge_{nullptr}, gate_{nullptr};
  torch::nn::LSTM lstm_{nullptr};
  std::shared_ptr<TransformerStack> stack_;
  torch::nn::Sequential output_;
  std::shared_ptr<RangeOutput> range_;
};

class HybridKind : public HeadKind {
 public:
  std::string name() const override { return "hybrid"; }
  std::string about() const override {
    return "LSTM and self-attention together: the efficiency of the one, the reach of the other.";
  }
  void describe(config::Section section) override;
  void check(const Places& at) const override {
    models::check(options_.transformer, "model.hybrid.", at);
  }
  std::shared_ptr<Head> make(const Shape& shape) const override {
    return std::make_shared<HybridHead>(shape, options_);
  }

 private:
  HybridOptions options_;
};

}  // namespace kuchi::models
