#include "models/lstm_state.h"

#include <ATen/ATen.h>

#include <stdexcept>

#include "core/text.h"

namespace kuchi::models {

LstmState::LstmState(const torch::nn::LSTMImpl& module, LiveWeights weights) {
  const auto& o = module.options_base;
  if (!o.bias() || o.bidirectional() || o.proj_size() != 0) {
    throw std::logic_error("LstmState: not this form of LSTM");
  }
  const auto all = module.named_parameters(/*recurse=*/false);
  for (int64_t l = 0; l < o.num_layers(); ++l) {
    const auto get = [&](const char* kind) { return all[cat(kind, "_l", l)].detach(); };
    if (get("bias_ih").scalar_type() != at::kFloat) throw std::logic_error("LstmState: not float");
    layers_.push_back({LiveMatrix(get("weight_ih"), weights), LiveMatrix(get("weight_hh"), weights),
                       get("bias_ih") + get("bias_hh"), at::zeros({o.hidden_size()}),
                       at::zeros({o.hidden_size()})});
  }
}

at::Tensor LstmState::run(const at::Tensor& x) {
  const at::NoGradGuard no_grad;
  auto in = x.contiguous();
  for (auto& layer : layers_) {
    const int64_t frames = in.size(0), hidden = layer.h.size(0);
    auto out = at::empty({frames, hidden}, in.options());
    for (int64_t t = 0; t < frames; ++t) {
      const auto gates = layer.bias.clone();
      auto* z = gates.mutable_data_ptr<float>();
      layer.input.add_product(in.const_data_ptr<float>() + t * in.size(1), z);
      layer.recurrent.add_product(layer.h.const_data_ptr<float>(), z);
      const auto gate = gates.view({4, hidden});
      layer.c =
          layer.c.mul_(at::sigmoid(gate[1])).addcmul_(at::sigmoid(gate[0]), at::tanh(gate[2]));
      layer.h = at::sigmoid(gate[3]).mul_(at::tanh(layer.c));
      out[t].copy_(layer.h);
    }
    in = out;
  }
  return in;
}

}  // namespace kuchi::models
