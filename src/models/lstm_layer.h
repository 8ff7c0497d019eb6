// src/models/lstm_layer.h
#pragma once

#include <ATen/core/Tensor.h>

#include <memory>
#include <vector>

#include "models/packed_rows.h"

namespace kuchi::models {

/// One direction of one layer, as LibTorch's LSTM keeps them.
struct LstmWeights {
  at::Tensor input;           // weight_ih [4 hidden, dim]
  at::Tensor recurrent;       // weight_hh [4 hidden, hidden]
  at::Tensor input_bias;      // bias_ih [4 hidden]
  at::Tensor recurrent_bias;  // bias_hh [4 hidden]
};

/// One layer of an LSTM, of one or two directions, on the CPU, as one function of autograd: the
/// input's products for all frames at once, then the recurrence, a direction a thread; gradients of
/// weights at once when it is over.
///
/// x [total, dim] float32 or float64, packed → [total, directions · hidden]. With bfloat16,
/// products take bfloat16 and sum in float32, x may be either and the result is bfloat16; weights
/// and their gradients stay float32. A processor that does not multiply bfloat16
/// (encoders::has_bfloat16()) keeps numbers in it and multiplies in float32: the same results but
/// for the order of sums, and no gain in speed.
at::Tensor lstm_layer(const at::Tensor& x, const std::vector<LstmWeights>& directions,
                      std::shared_ptr<const PackedRows> rows, bool bfloat16);

}  // namespace kuchi::models
