// src/models/lstm_head.h
#pragma once

#include <torch/nn/modules/container/sequential.h>
#include <torch/nn/modules/rnn.h>

#include "models/bilstm.h"
#include "models/head.h"
#include "models/range_output.h"

namespace kuchi::models {

struct LstmOptions : BilstmOptions {
  int64_t lookahead = 2;
};

/// The reference head in one direction (design/models.md), for live use: projection, LSTM
/// (Hochreiter & Schmidhuber 1997), output steps and ranges as in bilstm.h, answering `lookahead`
/// frames late (lookahead.h; output delay as in Graves & Schmidhuber 2005): curves of frame t are
/// made of features up to frame t + lookahead.
class LstmHead : public Head {
 public:
  LstmHead(const Shape& shape, const LstmOptions& options);
  at::Tensor forward(const at::Tensor& features, const at::Tensor& lengths) override;
  onnx::Value emit(onnx::Graph& graph, const OnnxBatch& batch) const override;
  bool emit_stream(onnx::Graph& graph, OnnxStates& states, StreamRows& rows) const override;
  void start_at(const at::Tensor& mean) override;
  std::vector<std::string> by_curve() const override;
  std::optional<int64_t> lookahead_frames() const override { return options_.lookahead; }
  std::unique_ptr<HeadStream> stream() override;
  bool set_stream_weights(LiveWeights weights) override {
    stream_weights_ = weights;
    return true;
  }

 private:
  friend class LstmStream;
  LstmOptions options_;
  LiveWeights stream_weights_ = LiveWeights::float32;  // of the LSTM; the rest is small
  torch::nn::Sequential projection_;
  torch::nn::LSTM lstm_{nullptr};
  torch::nn::Sequential output_;
  std::shared_ptr<RangeOutput> range_;
};

class LstmKind : public HeadKind {
 public:
  std::string name() const override { return "lstm"; }
  std::string about() const override {
    return "LSTM in one direction with a look-ahead of some frames: the choice for live use, since "
           "a frame comes out as its audio comes in.";
  }
  void describe(config::Section section) override;
  std::shared_ptr<Head> make(const Shape& shape) const override {
    return std::make_shared<LstmHead>(shape, options_);
  }

 private:
  LstmOptions options_;
};

}  // namespace kuchi::models
