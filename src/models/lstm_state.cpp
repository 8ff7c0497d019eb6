#include "models/lstm_state.h"

#include <ATen/ATen.h>

#include <stdexcept>

#include "core/text.h"

namespace kuchi::models {

LstmState::LstmState(const torch::nn::LSTMImpl& module) {
  const auto& o = module.options_base;
  if (!o.bias() || o.bidirectional() || o.proj_size() != 0) {
    throw std::logic_error("LstmState: not this form of LSTM");
  }
  const auto all = module.named_parameters(/*recurse=*/false);
  for (int64_t l = 0; l < o.num_layers(); ++l) {
    const auto get = [&](const char* kind) { return all[cat(kind, "_l", l)].detach(); };
    const auto zeros = [&] { return at::zeros({o.hidden_size()}, get("bias_ih").options()); };
    layers_.push_back({get("weight_ih").contiguous(), get("weight_hh").contiguous(),
                       get("bias_ih") + get("bias_hh"), zeros(), zeros()});
  }
}

at::Tensor LstmState::run(const at::Tensor& x) {
  const at::NoGradGuard no_grad;
  const int64_t frames = x.size(0);
  auto in = x;
  for (auto& layer : layers_) {
    const int64_t hidden = layer.h.size(0);
    auto out = at::empty({frames, hidden}, x.options());
    const auto heard = frames > 1 ? at::addmm(layer.bias, in, layer.input.t()) : at::Tensor();
    for (int64_t t = 0; t < frames; ++t) {
      const auto from_input =
          heard.defined() ? heard[t] : at::addmv(layer.bias, layer.input, in[t]);
      const auto z = at::addmv(from_input, layer.recurrent, layer.h).view({4, hidden});
      const auto forget = at::sigmoid(z[1]), candidate = at::tanh(z[2]);
      layer.c = layer.c.mul_(forget).addcmul_(at::sigmoid(z[0]), candidate);
      layer.h = at::sigmoid(z[3]).mul_(at::tanh(layer.c));
      out[t].copy_(layer.h);
    }
    in = out;
  }
  return in;
}

}  // namespace kuchi::models
