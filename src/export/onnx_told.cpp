#include "export/onnx_told.h"

#include "core/error.h"
#include "core/text.h"

namespace kuchi::exporting {
namespace {

using train::Ensemble;

/// Takes a member's names, or refuses where there are others.
void share(std::vector<std::string>& all, const std::vector<std::string>& own,
           const std::string& what, const Ensemble::Member& member) {
  if (own.empty() || own == all) return;
  if (!all.empty()) {
    throw UserError(Exit::config,
                    cat(member.run.string(), ": learnt other ", what, " than a run before it, and ",
                        "one input cannot number both; export them apart"));
  }
  all = own;
}

}  // namespace

models::Vocabulary shared_vocabulary(const Ensemble& models) {
  models::Vocabulary out;
  for (const auto& member : models.members()) {
    const auto& own = member.trained.model->card().condition;
    share(out.speakers, own.speakers, "speakers", member);
    share(out.styles, own.styles, "styles", member);
    out.intensity = out.intensity || own.intensity;
  }
  return out;
}

models::OnnxTold told_inputs(onnx::Graph& g, const models::Vocabulary& v) {
  const auto number = [&](const char* name, const char* list) {
    return g.input({name,
                    onnx::Type::int64,
                    {"batch"},
                    cat("number in the metadata's ", list, "; 0: none of them, or not known")});
  };
  models::OnnxTold out;
  if (!v.speakers.empty()) out.speaker = number("speaker", "speakers");
  if (!v.styles.empty()) out.style = number("style", "styles");
  if (v.intensity) {
    out.intensity = g.input({"intensity",
                             onnx::Type::float32,
                             {"batch"},
                             "of the style: 1 as it was learnt, 0 none of it"});
  }
  return out;
}

}  // namespace kuchi::exporting
