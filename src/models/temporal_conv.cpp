#include "models/temporal_conv.h"

#include <ATen/ATen.h>
#include <torch/nn/init.h>

#include <cmath>
#include <stdexcept>
#include <vector>

#include "models/onnx.h"
#include "onnx/ops.h"

namespace kuchi::models {

TemporalConv::TemporalConv(const Form& form) : form_(form) {
  if (!form.causal && form.kernel % 2 == 0) {
    throw std::logic_error("TemporalConv: an even kernel has no centre");
  }
  weight_ = register_parameter("weight", at::empty({form.out, form.in, form.kernel}));
  bias_ = register_parameter("bias", at::empty({form.out}));
  const double bound = 1 / std::sqrt(static_cast<double>(form.in * form.kernel));
  torch::nn::init::uniform_(weight_, -bound, bound);
  torch::nn::init::uniform_(bias_, -bound, bound);
}

at::Tensor TemporalConv::forward(const at::Tensor& x) const {
  return inside(at::constant_pad_nd(x, {0, 0, before(), after()}));
}

at::Tensor TemporalConv::inside(const at::Tensor& x) const {
  const int64_t frames = x.size(1) - span() + 1;
  std::vector<at::Tensor> views;
  for (int64_t i = 0; i < form_.kernel; ++i) {
    views.push_back(x.narrow(1, i * form_.dilation, frames));
  }
  const auto weight = weight_.transpose(1, 2).reshape({form_.out, form_.kernel * form_.in});
  return at::linear(at::cat(views, 2), weight, bias_);
}

onnx::Value TemporalConv::emit(onnx::Graph& g, const onnx::Value& x) const {
  return emit_padded(g, x, before(), after());
}

onnx::Value TemporalConv::emit_inside(onnx::Graph& g, const onnx::Value& x) const {
  return emit_padded(g, x, 0, 0);
}

onnx::Value TemporalConv::emit_padded(onnx::Graph& g, const onnx::Value& x, int64_t before,
                                      int64_t after) const {
  const auto y = g.add("Conv",
                       {onnx::transpose(g, x, {0, 2, 1}), emit_weight(g, "weight", weight_, 0),
                        models::emit(g, "bias", bias_)},
                       {{"dilations", std::vector<int64_t>{form_.dilation}},
                        {"pads", std::vector<int64_t>{before, after}}});
  return onnx::transpose(g, y, {0, 2, 1});
}

}  // namespace kuchi::models
