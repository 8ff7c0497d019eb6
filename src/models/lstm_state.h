// src/models/lstm_state.h
#pragma once

#include <torch/nn/modules/rnn.h>

#include <vector>

#include "models/live_matrix.h"

namespace kuchi::models {

/// An LSTM of one direction at work on one clip, frame by frame, on the CPU: its state begins at
/// zero and stays when a piece has been heard. What a frame costs is to read all weights once, so
/// products are of matrix and vector, not what a library prepares for many rows at a time. As
/// float32 the weights are the module's own, which must not change meanwhile; otherwise copies.
class LstmState {
 public:
  /// With bias, without projections, float32; std::logic_error for another form.
  LstmState(const torch::nn::LSTMImpl& module, LiveWeights weights);
  /// x [frames, dim] → [frames, hidden]
  at::Tensor run(const at::Tensor& x);

 private:
  struct Layer {
    LiveMatrix input, recurrent;  // [4 hidden, dim], [4 hidden, hidden]: gates i, f, g, o
    at::Tensor bias;              // [4 hidden], both of them added
    at::Tensor h, c;              // [hidden]
    void step(const at::Tensor& gates, const at::Tensor& out);
  };
  std::vector<Layer> layers_;
};

}  // namespace kuchi::models
