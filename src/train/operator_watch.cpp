#include "train/operator_watch.h"

#include <ATen/ATen.h>
#include <ATen/record_function.h>

#include <algorithm>
#include <array>
#include <stdexcept>
#include <string_view>
#include <unordered_map>

#include "core/text.h"

namespace kuchi::train {

struct OperatorWatch::State {
  std::unordered_map<const void*, std::string> modules;  // by the storage of their parameters
  std::string last;                                      // module that an operator had to do with
  std::optional<Fault> first;
  at::CallbackHandle handle = 0;
};

namespace {

thread_local OperatorWatch::State* watching = nullptr;

struct Taken : at::ObserverContext {
  bool finite = true;
  std::string module;
};

template <typename Visit>
void each_tensor(const c10::IValue& value, const Visit& visit) {
  if (value.isTensor()) {
    if (value.toTensor().defined()) visit(value.toTensor());
  } else if (value.isTensorList()) {
    for (const at::Tensor& t : value.toTensorVector()) {
      if (t.defined()) visit(t);
    }
  }
}

bool is_finite(const at::Tensor& t) {
  if (!t.is_floating_point() || t.layout() != at::kStrided) return true;
  return at::isfinite(t).all().item<bool>();
}

/// These give memory that nobody has written yet, or write what they are told to, such as the
/// infinity that a mask of an attention is made of.
bool makes_anything(std::string_view name) {
  constexpr std::array kMakers = {"empty",         "resize",     "set_",        "full",
                                  "fill",          "copy",       "masked_fill", "where",
                                  "scalar_tensor", "as_strided", "new_"};
  return std::any_of(kMakers.begin(), kMakers.end(),
                     [&](std::string_view maker) { return name.rfind(maker, 0) == 0; });
}

std::unique_ptr<at::ObserverContext> enter(const at::RecordFunction& op) {
  auto taken = std::make_unique<Taken>();
  if (watching == nullptr || watching->first) return taken;
  const at::DisableRecordFunctionGuard not_of_these;
  const at::NoGradGuard no_grad;
  for (const auto& value : op.inputs()) {
    each_tensor(value, [&](const at::Tensor& t) {
      if (t.has_storage()) {
        const auto it = watching->modules.find(t.storage().unsafeGetStorageImpl());
        if (it != watching->modules.end()) taken->module = watching->last = it->second;
      }
      taken->finite = taken->finite && is_finite(t);
    });
  }
  return taken;
}

void leave(const at::RecordFunction& op, at::ObserverContext* context) {
  if (watching == nullptr || watching->first) return;
  const auto& taken = *static_cast<Taken*>(context);
  std::string_view name = op.name();
  if (const auto space = name.rfind("::"); space != name.npos) name.remove_prefix(space + 2);
  if (!taken.finite || makes_anything(name)) return;
  const at::DisableRecordFunctionGuard not_of_these;
  const at::NoGradGuard no_grad;
  for (const auto& value : op.outputs()) {
    each_tensor(value, [&](const at::Tensor& t) {
      if (watching->first || is_finite(t)) return;
      const auto& last = watching->last;
      const auto what =
          !taken.module.empty()
              ? cat("output of ", taken.module, " (", name, ")")
              : cat("result of ", name, last.empty() ? std::string() : " after " + last);
      watching->first = fault_of("forward", what, t);
    });
  }
}

/// "head.output.0" of "head.output.0.weight".
std::string module_of(const std::string& parameter) {
  return parameter.substr(0, std::min(parameter.size(), parameter.rfind('.')));
}

}  // namespace

OperatorWatch::OperatorWatch(const models::Model& model) : state_(std::make_unique<State>()) {
  if (watching != nullptr) throw std::logic_error("two watches over one thread's operators");
  for (const auto& item : model.named_parameters()) {
    state_->modules[item.value().storage().unsafeGetStorageImpl()] = module_of(item.key());
  }
  watching = state_.get();
  state_->handle = at::addThreadLocalCallback(at::RecordFunctionCallback(enter, leave)
                                                  .needsInputs(true)
                                                  .needsOutputs(true)
                                                  .scopes({at::RecordScope::FUNCTION}));
}

OperatorWatch::~OperatorWatch() {
  at::removeCallback(state_->handle);
  watching = nullptr;
}

std::optional<Fault> OperatorWatch::first() const { return state_->first; }

}  // namespace kuchi::train
