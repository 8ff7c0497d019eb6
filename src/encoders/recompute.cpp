#include "encoders/recompute.h"

#include <ATen/ATen.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/custom_function.h>
#include <torch/custom_class.h>

#include "edge/autocast.h"

namespace kuchi::encoders {
namespace {

using Body = std::function<at::Tensor(const at::Tensor&)>;

/// The generators that operators on x draw from: the CPU's, and its device's.
std::vector<at::Generator> generators(const at::Tensor& x) {
  std::vector<at::Generator> out = {at::globalContext().defaultGenerator(at::kCPU)};
  if (!x.device().is_cpu()) out.push_back(at::globalContext().defaultGenerator(x.device()));
  return out;
}

std::vector<at::Tensor> states(const at::Tensor& x) {
  std::vector<at::Tensor> out;
  for (const auto& g : generators(x)) out.push_back(g.get_state());
  return out;
}

void restore(const at::Tensor& x, const std::vector<at::Tensor>& saved) {
  auto all = generators(x);
  for (size_t i = 0; i < all.size(); ++i) all[i].set_state(saved[i]);
}

/// What the backward pass needs beside tensors.
struct Held : torch::CustomClassHolder {
  Body body;
  std::vector<at::Tensor> random;        // states before the forward pass
  std::optional<at::ScalarType> narrow;  // of its products
};

struct Recompute : torch::autograd::Function<Recompute> {
  static at::Tensor forward(torch::autograd::AutogradContext* ctx,
                            const c10::intrusive_ptr<Held>& held, const at::Tensor& x,
                            at::TensorList parameters) {
    torch::autograd::variable_list kept = {x};
    kept.insert(kept.end(), parameters.begin(), parameters.end());
    ctx->save_for_backward(kept);
    ctx->saved_data["held"] =
        c10::IValue::make_capsule(c10::intrusive_ptr<torch::CustomClassHolder>(held));
    // With gradients on, though none is kept: operators choose their ways by that, and the second
    // time must go the first one's.
    const at::AutoGradMode on(true);
    return held->body(x.detach().requires_grad_(x.requires_grad())).detach();
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* ctx,
                                                 const torch::autograd::variable_list& gradient) {
    const auto kept = ctx->get_saved_variables();
    const auto capsule = ctx->saved_data["held"].toCapsule();
    const auto& held = static_cast<const Held&>(*capsule);
    const auto x = kept[0].detach().requires_grad_(kept[0].requires_grad());
    torch::autograd::variable_list wanted(kept.begin() + 1, kept.end());
    if (x.requires_grad()) wanted.push_back(x);
    const auto now = states(x);
    restore(x, held.random);
    at::Tensor y;
    {
      const at::AutoGradMode on(true);
      const edge::Autocast narrow(x.device().type(), held.narrow);
      y = held.body(x);
    }
    restore(x, now);
    auto found = torch::autograd::grad({y}, wanted, gradient, /*retain_graph=*/false,
                                       /*create_graph=*/false, /*allow_unused=*/true);
    torch::autograd::variable_list out = {at::Tensor()};  // of `held`
    if (x.requires_grad()) {
      out.push_back(found.back());
      found.pop_back();
    } else {
      out.emplace_back();
    }
    out.insert(out.end(), found.begin(), found.end());
    return out;
  }
};

}  // namespace

at::Tensor recomputed(Body body, const at::Tensor& x, const std::vector<at::Tensor>& parameters) {
  auto held = c10::make_intrusive<Held>();
  held->body = std::move(body);
  held->random = states(x);
  held->narrow = edge::autocast_type(x.device().type());
  return Recompute::apply(held, x, at::TensorList(parameters));
}

}  // namespace kuchi::encoders
