#include "models/lstm.h"

#include <ATen/ATen.h>
#include <ATen/autocast_mode.h>
#include <torch/nn/utils/rnn.h>

#include "core/text.h"
#include "models/lstm_layer.h"

namespace kuchi::models {
namespace {

std::vector<LstmWeights> layer_weights(const torch::nn::LSTMImpl& module, int64_t layer) {
  const auto all = module.named_parameters(/*recurse=*/false);
  std::vector<LstmWeights> out;
  for (const char* direction : {"", "_reverse"}) {
    const auto get = [&](const char* kind) {
      const auto* found = all.find(cat(kind, "_l", layer, direction));
      return found == nullptr ? at::Tensor() : *found;
    };
    if (get("weight_ih").defined()) {
      out.push_back({get("weight_ih"), get("weight_hh"), get("bias_ih"), get("bias_hh")});
    }
  }
  return out;
}

at::Tensor library_lstm(torch::nn::LSTMImpl& module, const at::Tensor& x, const PackedRows& rows) {
  const torch::nn::utils::rnn::PackedSequence sequence(x, at::tensor(rows.sizes, at::kLong));
  return std::get<0>(module.forward_with_packed_input(sequence)).data();
}

/// Clips of one length lie in rows as [frames, clips, dim], which the library runs without packing.
at::Tensor library_lstm_of_one_length(torch::nn::LSTMImpl& module, const at::Tensor& x,
                                      const PackedRows& rows) {
  const auto batch = x.view({rows.longest(), rows.clips, x.size(1)}).transpose(0, 1);
  const auto out = std::get<0>(module.forward(
      module.options_base.batch_first() ? batch.contiguous() : batch.transpose(0, 1)));
  const auto by_time = module.options_base.batch_first() ? out.transpose(0, 1) : out;
  return by_time.reshape({rows.total, out.size(2)});
}

}  // namespace

at::Tensor lstm(torch::nn::LSTMImpl& module, const at::Tensor& x,
                const std::shared_ptr<const PackedRows>& rows) {
  if (!x.device().is_cpu()) return library_lstm(module, x, *rows);
  const bool bfloat16 = at::autocast::is_autocast_enabled(at::kCPU) &&
                        at::autocast::get_autocast_dtype(at::kCPU) == at::kBFloat16;
  // oneDNN's, which LibTorch takes in single precision where nothing is packed, is up to an eighth
  // faster than ours; packed, LibTorch's is five times slower (experiments/train_speed).
  if (rows->same_length && !bfloat16 && x.scalar_type() == at::kFloat) {
    return library_lstm_of_one_length(module, x, *rows);
  }
  const auto& options = module.options_base;
  auto out = x;
  for (int64_t layer = 0; layer < options.num_layers(); ++layer) {
    if (layer > 0 && options.dropout() > 0) {
      out = at::dropout(out, options.dropout(), module.is_training());
    }
    out = lstm_layer(out, layer_weights(module, layer), rows, bfloat16);
  }
  return out;
}

}  // namespace kuchi::models
