#pragma once

#include <string>

#include "onnx/graph.h"
#include "train/ensemble.h"

/// What the forms of an exported ensemble share.
namespace kuchi::exporting {

const features::Options& heard_by(const train::Ensemble::Member& member);

/// UserError (config) where one input of features cannot serve all members; `instead`: what to do.
void check_alike(const train::Ensemble& models, const std::string& instead);

/// A member's curves [batch, frames, curves], in the ensemble's order.
onnx::Value in_order(onnx::Graph& graph, const train::Ensemble::Member& member,
                     const onnx::Value& curves);

/// What a member's part of the graph is called.
std::string part_of(const train::Ensemble& models, size_t member);

}  // namespace kuchi::exporting
