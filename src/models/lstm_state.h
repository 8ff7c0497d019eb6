// src/models/lstm_state.h
#pragma once

#include <torch/nn/modules/rnn.h>

#include <vector>

namespace kuchi::models {

/// An LSTM of one direction at work on one clip, frame by frame, on the CPU: its state begins at
/// zero and stays when a piece has been heard. What a frame costs is to read all weights once, so
/// products are of matrix and vector, not what a library prepares for many rows at a time. The
/// weights are the module's own; they must not change meanwhile.
class LstmState {
 public:
  /// With bias, without projections; std::logic_error for another form.
  explicit LstmState(const torch::nn::LSTMImpl& module);
  /// x [frames, dim] → [frames, hidden]
  at::Tensor run(const at::Tensor& x);

 private:
  struct Layer {
    at::Tensor input, recurrent;  // [4 hidden, dim], [4 hidden, hidden]: gates i, f, g, o
    at::Tensor bias;              // [4 hidden], both of them added
    at::Tensor h, c;              // [hidden]
  };
  std::vector<Layer> layers_;
};

}  // namespace kuchi::models
