// src/train/operator_watch.h
#pragma once

#include <memory>
#include <optional>

#include "models/model.h"
#include "train/diagnosis.h"

namespace kuchi::train {

/// While it lives, looks at what every operator of LibTorch that this thread runs takes and gives,
/// and keeps the first that makes something of its own accord that is not finite: whose output has
/// it and whose inputs do not. A module is known by its parameters among the inputs. Slow, and a
/// GPU is waited for at every operator: for a batch that has failed. One at a time in a thread.
class OperatorWatch {
 public:
  explicit OperatorWatch(const models::Model& model);
  ~OperatorWatch();
  OperatorWatch(const OperatorWatch&) = delete;
  OperatorWatch& operator=(const OperatorWatch&) = delete;

  /// "output of head.output.0 (addmm)", "result of exp after head.output.0"; nothing if no operator
  /// did, as when a kernel of our own failed, which is no operator.
  std::optional<Fault> first() const;

  struct State;

 private:
  std::unique_ptr<State> state_;
};

}  // namespace kuchi::train
