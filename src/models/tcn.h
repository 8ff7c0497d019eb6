// src/models/tcn.h
#pragma once

#include <torch/nn/modules/container/sequential.h>
#include <torch/nn/modules/dropout.h>
#include <torch/nn/modules/linear.h>
#include <torch/nn/modules/normalization.h>

#include "models/head.h"
#include "models/range_output.h"
#include "models/temporal_conv.h"

namespace kuchi::models {

struct TcnOptions {
  int64_t width = 256;
  int64_t blocks = 5;
  int64_t kernel = 3;
  int64_t growth = 2;
  std::vector<int64_t> output = {128};
  double dropout = 0.1;
  bool causal = false;
  int64_t lookahead = 0;
};

/// A residual block (Bai, Kolter & Koltun 2018), with LayerNorm over a frame's channels where they
/// have weight normalisation, so that neither batch nor length counts:
///   x + f(f(x)),  f = dilated convolution, LayerNorm, ReLU, Dropout
class TcnBlock : public torch::nn::Module {
 public:
  TcnBlock(const TcnOptions& options, int64_t dilation);
  /// x [batch, frames, width], zero where `mask` is; mask [batch, frames, 1] of x's type: 1 inside
  /// a clip, 0 beyond its end, or undefined where nothing that counts hears what lies beyond.
  at::Tensor forward(const at::Tensor& x, const at::Tensor& mask);
  onnx::Value emit(onnx::Graph& graph, const onnx::Value& x, const onnx::Value* mask) const;
  StreamRows emit_stream(onnx::Graph& graph, OnnxStates& states, const StreamRows& rows) const;

  const TemporalConv& conv(size_t i) const { return *convs_[i]; }
  /// What follows a convolution: LayerNorm, ReLU, Dropout.
  at::Tensor after_conv(size_t i, const at::Tensor& x);

 private:
  onnx::Value emit_after_conv(onnx::Graph& graph, size_t i, const onnx::Value& x) const;

  std::shared_ptr<TemporalConv> convs_[2];
  torch::nn::LayerNorm norms_[2] = {nullptr, nullptr};
  torch::nn::Dropout dropout_{nullptr};
};

/// Temporal convolutional network: Linear to `width`, blocks whose dilations are 1, growth,
/// growth², …, output steps and ranges as in bilstm.h. A frame hears 2 (kernel - 1) Σ dilations
/// frames beside its own: all before it where causal, half before and half after otherwise. A
/// causal one may answer `lookahead` frames late (lookahead.h).
class TcnHead : public Head {
 public:
  TcnHead(const Shape& shape, const TcnOptions& options);
  at::Tensor forward(const at::Tensor& features, const at::Tensor& lengths) override;
  onnx::Value emit(onnx::Graph& graph, const OnnxBatch& batch) const override;
  bool emit_stream(onnx::Graph& graph, OnnxStates& states, StreamRows& rows) const override;
  void start_at(const at::Tensor& mean) override;
  std::vector<std::string> by_curve() const override;
  std::optional<int64_t> lookahead_frames() const override;
  std::unique_ptr<HeadStream> stream() override;

 private:
  friend class TcnStream;
  TcnOptions options_;
  torch::nn::Linear input_{nullptr};
  std::vector<std::shared_ptr<TcnBlock>> blocks_;
  torch::nn::Sequential output_;
  std::shared_ptr<RangeOutput> range_;
};

class TcnKind : public HeadKind {
 public:
  std::string name() const override { return "tcn"; }
  std::string about() const override {
    return "Dilated convolutions over time, causal or not: a strong baseline that trains quickly.";
  }
  void describe(config::Section section) override;
  void check(const Places& at) const override;
  std::shared_ptr<Head> make(const Shape& shape) const override {
    return std::make_shared<TcnHead>(shape, options_);
  }

 private:
  TcnOptions options_;
};

}  // namespace kuchi::models
