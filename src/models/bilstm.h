// src/models/bilstm.h
#pragma once

#include <torch/nn/modules/container/sequential.h>
#include <torch/nn/modules/rnn.h>

#include "models/head.h"
#include "models/range_output.h"

namespace kuchi::models {

struct BilstmOptions {
  std::vector<int64_t> projection = {512, 384};
  int64_t hidden = 512;
  int64_t layers = 3;
  std::vector<int64_t> output = {256, 128};
  double dropout = 0.1;
  double lstm_dropout = 0.1;
};
void describe(config::Section section, BilstmOptions& options);

/// The reference head (design/models.md): projection, each step Linear + LayerNorm + ReLU +
/// Dropout; a bidirectional LSTM (Hochreiter & Schmidhuber 1997; Schuster & Paliwal 1997) with
/// dropout between its layers; output steps of Linear + ReLU + Dropout; Linear to the curves and
/// their ranges.
class BilstmHead : public Head {
 public:
  BilstmHead(const Shape& shape, const BilstmOptions& options);
  at::Tensor forward(const at::Tensor& features, const at::Tensor& lengths) override;
  onnx::Value emit(onnx::Graph& graph, const OnnxBatch& batch) const override;
  void start_at(const at::Tensor& mean) override;
  std::vector<std::string> by_curve() const override;

 private:
  BilstmOptions options_;
  torch::nn::Sequential projection_;
  torch::nn::LSTM lstm_{nullptr};
  torch::nn::Sequential output_;
  std::shared_ptr<RangeOutput> range_;
};

class BilstmKind : public HeadKind {
 public:
  std::string name() const override { return "bilstm"; }
  std::string about() const override {
    return "Bidirectional LSTM, the reference head: the choice for little data when the whole clip "
           "is at hand.";
  }
  void describe(config::Section section) override { models::describe(section, options_); }
  std::shared_ptr<Head> make(const Shape& shape) const override {
    return std::make_shared<BilstmHead>(shape, options_);
  }

 private:
  BilstmOptions options_;
};

}  // namespace kuchi::models
