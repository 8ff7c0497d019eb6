#include "export/onnx_members.h"

#include "core/error.h"
#include "core/text.h"
#include "onnx/ops.h"

namespace kuchi::exporting {

using train::Ensemble;

const features::Options& heard_by(const Ensemble::Member& member) {
  return member.trained.model->card().features;
}

void check_alike(const Ensemble& models, const std::string& instead) {
  const auto& first = models.members()[0];
  for (const auto& m : models.members()) {
    if (m.trained.model->hears_audio()) {
      throw UserError(Exit::config, cat(m.run.string(), ": its ", m.trained.model->card().head,
                                        " hears sound itself, no features; ", instead));
    }
    if (features::signature(heard_by(m)) != features::signature(heard_by(first))) {
      throw UserError(Exit::config,
                      cat(m.run.string(), ": hears ", features::signature(heard_by(m)), ", ",
                          first.run.string(), " hears ", features::signature(heard_by(first)),
                          "; one input cannot serve both: ", instead));
    }
  }
}

onnx::Value in_order(onnx::Graph& g, const Ensemble::Member& member, const onnx::Value& curves) {
  for (size_t i = 0; i < member.order.size(); ++i) {
    if (member.order[i] != static_cast<int64_t>(i)) {
      return onnx::gather(g, curves, g.integers(member.order), 2);
    }
  }
  return curves;
}

std::string part_of(const Ensemble& models, size_t member) {
  return models.members().size() == 1 ? std::string("model") : cat("model.", member);
}

}  // namespace kuchi::exporting
