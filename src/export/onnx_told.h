#pragma once

#include "models/condition.h"
#include "train/ensemble.h"

/// Who speaks and how, in an exported model.
namespace kuchi::exporting {

/// What one input of each kind can say to all the models: a model that is not told it does without.
/// UserError (config) where two learnt other speakers or other styles.
models::Vocabulary shared_vocabulary(const train::Ensemble& models);

/// Inputs `speaker` [batch] int64, `style` [batch] int64, `intensity` [batch] float32, in this
/// order, those that the vocabulary has.
models::OnnxTold told_inputs(onnx::Graph& graph, const models::Vocabulary& vocabulary);

}  // namespace kuchi::exporting
