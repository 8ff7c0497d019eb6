#include <ATen/ATen.h>

#include "encoders/layers.h"
#include "encoders/packed.h"

namespace kuchi::encoders {
namespace {

bool use_packed(const Linear& l) { return l.packed && !at::GradMode::is_enabled(); }

}  // namespace

at::Tensor activate(Activation activation, const at::Tensor& x) {
  switch (activation) {
    case Activation::gelu:
      return at::gelu(x);
    case Activation::gelu_tanh:
      return at::gelu(x, "tanh");
    case Activation::relu:
      return at::relu(x);
    case Activation::silu:
      return at::silu(x);
  }
  throw std::logic_error("unknown activation");
}

at::Tensor Linear::operator()(const at::Tensor& x, bool training) const {
  if (use_packed(*this)) return (*packed)(x);
  auto y = at::linear(x, weight, bias);
  if (!lora_a.defined()) return y;
  const auto in = at::dropout(x, lora_dropout, training);
  return y + lora_scale * at::linear(at::linear(in, lora_a), lora_b);
}

at::Tensor Linear::with(Activation activation, const at::Tensor& x, bool training) const {
  if (use_packed(*this)) return packed->with(activation, x);
  return activate(activation, (*this)(x, training));
}

at::Tensor Linear::merged() const {
  return lora_a.defined() ? weight + lora_scale * at::mm(lora_b, lora_a) : weight;
}

void Linear::pack(at::ScalarType type) {
  if (can_pack(weight)) packed = encoders::pack(merged(), bias, type);
}

at::Tensor Norm::operator()(const at::Tensor& x) const {
  return at::layer_norm(x, {x.size(-1)}, weight, bias, eps);
}

}  // namespace kuchi::encoders
