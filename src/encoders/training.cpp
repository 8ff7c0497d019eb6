#include "encoders/training.h"

#include <ATen/ATen.h>

#include "encoders/recompute.h"

namespace kuchi::encoders {
namespace {

std::vector<at::Tensor> learning(const Layer& layer) {
  std::vector<at::Tensor> out;
  const auto add = [&](const at::Tensor& p) {
    if (p.defined() && p.requires_grad()) out.push_back(p);
  };
  const auto& a = layer.attention;
  for (const auto* linear : {&a.q, &a.k, &a.v, &a.out, &a.gate, &layer.up, &layer.down}) {
    for (const auto& p : {linear->weight, linear->bias, linear->lora_a, linear->lora_b}) add(p);
  }
  for (const auto* norm : {&layer.attention_norm, &layer.final_norm}) {
    add(norm->weight);
    add(norm->bias);
  }
  add(a.gate_scale);
  add(a.bias_buckets);
  return out;
}

}  // namespace

at::Tensor train_layer(const Layer& layer, const at::Tensor& x, const std::vector<int64_t>& offsets,
                       const Training& training) {
  if (training.layer_drop > 0 && at::rand({1}).item<double>() < training.layer_drop) return x;
  auto dropouts = training.dropouts;
  dropouts.training = true;
  if (!training.checkpointing) return layer(x, offsets, dropouts);
  return recomputed(
      [layer, offsets, dropouts](const at::Tensor& in) { return layer(in, offsets, dropouts); }, x,
      learning(layer));
}

}  // namespace kuchi::encoders
