#include "core/error.h"
#include "core/text.h"
#include "models/model.h"
#include "models/onnx.h"
#include "onnx/ops.h"

namespace kuchi::models {
namespace {

[[noreturn]] void refuse_stream(const std::string& name, const Card& card, const std::string& how) {
  throw UserError(
      Exit::config,
      cat(name, ": ",
          how.empty() ? cat("its head ", card.head, " answers only when the clip is over; a ",
                            "streaming form needs a head that looks ahead by some frames only, ",
                            "such as lstm or tcn")
                      : how));
}

}  // namespace

StreamRows Model::emit_stream(onnx::Graph& g, OnnxStates& states, const onnx::Value& features,
                              const onnx::Value& lengths, const std::string& name,
                              const OnnxTold& told) const {
  if (hears_audio()) refuse_stream(name, card_, "");
  const auto within = onnx::within(g, onnx::size_of(g, features, 1), lengths);
  const auto valid = onnx::unsqueeze(g, within, {2});
  StreamRows rows;
  rows.x = emit_normalised(g, features, valid, told);
  rows.inside = onnx::cast(g, valid, onnx::Type::float32);
  rows.width = head_width_;
  const onnx::Graph::Part part(g, card_.head);
  if (!head_->emit_stream(g, states, rows)) refuse_stream(name, card_, head_->how_to_stream());
  rows.x = onnx::where(g, onnx::cast(g, rows.inside, onnx::Type::boolean), rows.x,
                       g.number(0, onnx::Type::float32));
  rows.width = card_.rig.size();
  return rows;
}

}  // namespace kuchi::models
