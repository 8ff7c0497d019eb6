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

  void step(ParameterSlice& s, double lr, double weight_decay) const override {
    auto direction = s.grads;
    if (weight_decay > 0) direction = at::_foreach_add(s.grads, s.parameters, weight_decay);
    if (momentum_ > 0) {
      at::_foreach_mul_(s.kept[0], momentum_);
      at::_foreach_add_(s.kept[0], direction, 1);
      direction = nesterov_ ? at::_foreach_add(direction, s.kept[0], momentum_) : s.kept[0];
    }
    at::_foreach_add_(s.parameters, direction, -lr);
  }

 private:
  double momentum_;
  bool nesterov_;
};

}  // namespace

std::unique_ptr<UpdateRule> sgd_rule(const Options& options) {
  return std::make_unique<Sgd>(options);
}

}  // namespace kuchi::train
