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
    auto gates = layer.bias.repeat({frames, 1});  // a copy, of a single frame too
    layer.input.add_products(in, gates);
    auto out = at::empty({frames, hidden}, in.options());
    for (int64_t t = 0; t < frames; ++t) layer.step(gates[t], out[t]);
    in = out;
  }
  return in;
}

/// gates [4 hidden]: i, f, g, o without the recurrent part, overwritten. out [hidden]: h
void LstmState::Layer::step(const at::Tensor& gates, const at::Tensor& out) {
  const int64_t hidden = h.size(0);
  auto* z = gates.mutable_data_ptr<float>();
  recurrent.add_product(h.const_data_ptr<float>(), z);
  gates.narrow(0, 0, 2 * hidden).sigmoid_();
  gates.narrow(0, 2 * hidden, hidden).tanh_();
  gates.narrow(0, 3 * hidden, hidden).sigmoid_();
  auto* state = c.mutable_data_ptr<float>();
  auto* y = h.mutable_data_ptr<float>();
  for (int64_t i = 0; i < hidden; ++i) {
    y[i] = state[i] = z[hidden + i] * state[i] + z[i] * z[2 * hidden + i];
  }
  h.tanh_();
  auto* answer = out.mutable_data_ptr<float>();
  for (int64_t i = 0; i < hidden; ++i) answer[i] = y[i] = z[3 * hidden + i] * y[i];
}

}  // namespace kuchi::models
