// src/train/diagnosis.h
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "data/store.h"
#include "edge/tensor_file.h"
#include "models/model.h"
#include "train/batch.h"

namespace kuchi::train {

/// Something that is not finite: what it is called, and how much of it.
struct Fault {
  std::string stage;  // weights, input, forward, loss or gradient: the earlier is the nearer cause
  std::string name;   // of the tensor
  std::vector<int64_t> shape;
  int64_t nan = 0, infinite = 0, values = 0;
  std::string note;  // where it stands, if it is known: "clip 2_05, frame 17"

  /// "3 of 2048 values of the gradient of head.output.0.weight [64, 32] are not finite".
  std::string text() const;
};
nlohmann::json to_json(const Fault& fault);
Fault fault_from(const nlohmann::json& json);

/// Nothing where every value is finite, and for tensors that are not of floats.
std::optional<Fault> fault_of(const std::string& stage, const std::string& name,
                              const at::Tensor& tensor);

/// Of tensors by name, the first that is not finite: weights, moments, averages.
std::optional<Fault> broken_weights(const edge::NamedTensors& tensors);

/// Features, targets or audio of a batch, with clip and frame; what lies in the padding is not
/// looked at.
std::optional<Fault> broken_input(const Batch& batch, const data::StoreInfo& store);

/// The prediction [batch, frames, curves] over valid frames.
std::optional<Fault> broken_prediction(const at::Tensor& prediction, const Batch& batch);

/// Gradients in the order in which a backward pass makes them, nearly: from the last parameter. If
/// each is finite and only their norm is not, the largest.
std::optional<Fault> broken_gradient(const models::Model& model);

/// "2_05 [0, 200), 2_01 [40, 240) and 3 more"
std::string batch_text(const std::vector<std::vector<data::Segment>>& batches,
                       const data::StoreInfo& store);
nlohmann::json batch_json(const std::vector<std::vector<data::Segment>>& batches,
                          const data::StoreInfo& store);

}  // namespace kuchi::train
