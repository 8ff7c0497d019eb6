#include <ATen/ATen.h>

#include "train/optimizer.h"

namespace kuchi::train {
namespace {

class Sgd : public UpdateRule {
 public:
  explicit Sgd(const Options& o) : momentum_(o.momentum), nesterov_(o.nesterov) {}

  std::vector<std::string> slots() const override {
    if (momentum_ == 0) return {};
    return {"momentum"};
  }

  void step(ParameterSlice& s, double lr, double weight_decay,
            const at::Tensor& skip) const override {
    if (!skip.defined()) return move(s, lr, weight_decay);
    ParameterSlice moved{copies(s.parameters), s.grads, {}};
    for (const auto& slot : s.kept) moved.kept.push_back(copies(slot));
    move(moved, lr, weight_decay);
    const auto skips = skip.to(at::kBool);
    take(s.parameters, moved.parameters, skips);
    for (size_t i = 0; i < s.kept.size(); ++i) take(s.kept[i], moved.kept[i], skips);
  }

 private:
  static std::vector<at::Tensor> copies(const std::vector<at::Tensor>& tensors) {
    std::vector<at::Tensor> out;
    for (const auto& t : tensors) out.push_back(t.detach().clone());
    return out;
  }

  static void take(const std::vector<at::Tensor>& to, const std::vector<at::Tensor>& from,
                   const at::Tensor& skips) {
    for (size_t i = 0; i < to.size(); ++i) to[i].copy_(at::where(skips, to[i], from[i]));
  }

  void move(ParameterSlice& s, double lr, double weight_decay) const {
    auto direction = s.grads;
    if (weight_decay > 0) direction = at::_foreach_add(s.grads, s.parameters, weight_decay);
    if (momentum_ > 0) {
      at::_foreach_mul_(s.kept[0], momentum_);
      at::_foreach_add_(s.kept[0], direction, 1);
      direction = nesterov_ ? at::_foreach_add(direction, s.kept[0], momentum_) : s.kept[0];
    }
    at::_foreach_add_(s.parameters, direction, -lr);
  }

  double momentum_;
  bool nesterov_;
};

}  // namespace

std::unique_ptr<UpdateRule> sgd_rule(const Options& options) {
  return std::make_unique<Sgd>(options);
}

}  // namespace kuchi::train
