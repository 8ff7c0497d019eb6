#include <ATen/ATen.h>

#include "train/optimizer.h"

namespace kuchi::train {
namespace {

class AdamW : public UpdateRule {
 public:
  explicit AdamW(const Options& o) : beta1_(o.beta1), beta2_(o.beta2), eps_(o.eps) {}

  std::vector<std::string> slots() const override { return {"exp_avg", "exp_avg_sq", "steps"}; }

  at::Tensor start(size_t slot, const at::Tensor& parameter) const override {
    if (slot < 2) return UpdateRule::start(slot, parameter);
    return at::zeros({}, parameter.options().dtype(at::kFloat).requires_grad(false));
  }

  void step(ParameterSlice& s, double lr, double weight_decay,
            const at::Tensor& skip) const override {
    at::_foreach_add_(s.kept[2], 1);
    std::optional<at::Tensor> found;
    if (skip.defined()) {
      found = skip;
      at::_foreach_sub_(s.kept[2], std::vector<at::Tensor>(s.kept[2].size(), skip));
    }
    at::_fused_adamw_(s.parameters, s.grads, s.kept[0], s.kept[1], /*max_exp_avg_sqs=*/{},
                      s.kept[2], lr, beta1_, beta2_, weight_decay, eps_, /*amsgrad=*/false,
                      /*maximize=*/false, /*grad_scale=*/{}, found);
  }

 private:
  double beta1_, beta2_, eps_;
};

}  // namespace

std::unique_ptr<UpdateRule> adamw_rule(const Options& options) {
  return std::make_unique<AdamW>(options);
}

}  // namespace kuchi::train
