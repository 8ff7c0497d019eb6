// src/models/lstm.h
#pragma once

#include <torch/nn/modules/rnn.h>

#include <memory>

#include "models/packed_rows.h"

namespace kuchi::models {

/// An LSTM with its dropout between layers, on packed rows: on the CPU by lstm_layer.h, but by
/// LibTorch's own where clips are equally long, and on other devices (cuDNN). `module` holds the
/// parameters, with bias, without projections. x [total, dim] → [total, directions · hidden]; under
/// autocast to bfloat16 in bfloat16.
at::Tensor lstm(torch::nn::LSTMImpl& module, const at::Tensor& x,
                const std::shared_ptr<const PackedRows>& rows);

}  // namespace kuchi::models
