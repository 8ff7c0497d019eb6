#include "train/aperture.h"

#include <ATen/ATen.h>

#include <stdexcept>

namespace kuchi::train {
namespace {

using Step = curves::ExpressionStep;
using Op = Step::Op;

bool is_number(const Step& step) { return step.op == Op::push_number; }

/// Takes clamp(…, number, number), max(number, …) and max(…, number) off the whole.
std::vector<Step> without_limit(std::vector<Step> steps) {
  const size_t n = steps.size();
  if (n >= 4 && steps[n - 1].op == Op::clamp && is_number(steps[n - 2]) &&
      is_number(steps[n - 3])) {
    steps.resize(n - 3);
  } else if (n >= 3 && steps[n - 1].op == Op::max && steps[n - 1].count == 2) {
    if (is_number(steps[n - 2])) {
      steps.resize(n - 2);
    } else if (is_number(steps[0])) {
      steps.pop_back();
      steps.erase(steps.begin());
    }
  }
  return steps;
}

at::Tensor quotient(const at::Tensor& a, const at::Tensor& b) {
  const auto none = b.eq(0);
  const auto safe = at::where(none, at::ones({}, b.options()), b);
  return at::where(none, at::zeros({}, a.options()), a / safe);
}

/// The step's operator on the last of the stack, as curves::Expression does it.
void apply(const Step& step, std::vector<at::Tensor>& stack) {
  const auto take = [&] {
    auto out = stack.back();
    stack.pop_back();
    return out;
  };
  const auto b = take();
  switch (step.op) {
    case Op::negate:
      return stack.push_back(-b);
    case Op::abs:
      return stack.push_back(b.abs());
    case Op::min:
    case Op::max: {
      auto out = b;
      for (size_t i = 1; i < step.count; ++i) {
        const auto other = take();
        out = step.op == Op::min ? at::minimum(out, other) : at::maximum(out, other);
      }
      return stack.push_back(out);
    }
    default:
      break;
  }
  const auto a = take();
  switch (step.op) {
    case Op::add:
      return stack.push_back(a + b);
    case Op::subtract:
      return stack.push_back(a - b);
    case Op::multiply:
      return stack.push_back(a * b);
    case Op::divide:
      return stack.push_back(quotient(a, b));
    case Op::clamp: {
      const auto x = take();
      return stack.push_back(at::maximum(a, at::minimum(x, b)));
    }
    default:
      throw std::logic_error("an operator of formulas that has no gradient here");
  }
}

}  // namespace

Aperture::Aperture(const curves::Rig& rig) {
  const auto steps = rig.aperture.steps();
  steps_ = without_limit({steps.begin(), steps.end()});
  for (auto& step : steps_) {
    if (step.op != Op::push_name) continue;
    step.count = static_cast<size_t>(rig.index(rig.aperture.names()[step.count]));
  }
}

at::Tensor Aperture::operator()(const at::Tensor& values) const {
  std::vector<at::Tensor> stack;
  for (const auto& step : steps_) {
    if (step.op == Op::push_number) {
      stack.push_back(at::full({}, step.number, values.options().requires_grad(false)));
    } else if (step.op == Op::push_name) {
      stack.push_back(values.select(-1, static_cast<int64_t>(step.count)));
    } else {
      apply(step, stack);
    }
  }
  if (stack.empty()) return at::zeros(values.sizes().slice(0, values.dim() - 1), values.options());
  return stack.back();
}

}  // namespace kuchi::train
