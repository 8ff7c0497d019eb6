#include "encoders/packed.h"

#include <ATen/ATen.h>
#include <ATen/core/dispatch/Dispatcher.h>

#include <string_view>

namespace kuchi::encoders {
namespace {

// oneDNN chooses a layout for this many rows and multiplies any number with it.
constexpr int64_t kTypicalRows = 512;

using Product = at::Tensor(const at::Tensor&, const at::Tensor&, const std::optional<at::Tensor>&,
                           std::string_view, c10::List<std::optional<at::Scalar>>,
                           std::optional<std::string_view>);
using Reorder = at::Tensor(const at::Tensor&, std::optional<int64_t>);

/// Operators that LibTorch has for its own compiler; none where it was built without.
using Operator = std::optional<c10::OperatorHandle>;

const Operator& product() {
  static const Operator kHandle =
      c10::Dispatcher::singleton().findSchema({"mkldnn::_linear_pointwise", ""});
  return kHandle;
}

const Operator& reorder() {
  static const Operator kHandle =
      c10::Dispatcher::singleton().findSchema({"mkldnn::_reorder_linear_weight", ""});
  return kHandle;
}

at::Tensor multiply(const PackedLinear& p, const at::Tensor& x, std::string_view activation,
                    std::string_view algorithm) {
  const std::optional<at::Tensor> bias =
      p.bias.defined() ? std::optional<at::Tensor>(p.bias) : std::nullopt;
  return product()->typed<Product>().call(x.to(p.type), p.weight, bias, activation,
                                          c10::List<std::optional<at::Scalar>>(), algorithm);
}

}  // namespace

bool can_pack(const at::Tensor& weight) {
  return weight.device().is_cpu() && at::globalContext().hasMKLDNN() && product() && reorder();
}

bool has_bfloat16() { return __builtin_cpu_supports("avx512bf16") != 0; }

std::shared_ptr<PackedLinear> pack(const at::Tensor& weight, const at::Tensor& bias,
                                   at::ScalarType type) {
  auto p = std::make_shared<PackedLinear>();
  p->type = type;
  p->out = weight.size(0);
  p->in = weight.size(1);
  p->weight = reorder()->typed<Reorder>().call(weight.detach().to(type).contiguous(), kTypicalRows);
  if (bias.defined()) p->bias = bias.detach().to(type).contiguous();
  return p;
}

at::Tensor PackedLinear::operator()(const at::Tensor& x) const {
  return multiply(*this, x, "none", "");
}

at::Tensor PackedLinear::with(Activation activation, const at::Tensor& x) const {
  switch (activation) {
    case Activation::gelu:
      return multiply(*this, x, "gelu", "none");
    case Activation::gelu_tanh:
      return multiply(*this, x, "gelu", "tanh");
    case Activation::relu:
      return multiply(*this, x, "relu", "");
    case Activation::silu:
      return multiply(*this, x, "swish", "");
  }
  throw std::logic_error("unknown activation");
}

}  // namespace kuchi::encoders
