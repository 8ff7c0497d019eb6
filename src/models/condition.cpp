#include "models/condition.h"

#include <ATen/ATen.h>

#include <stdexcept>

#include "edge/side_stream.h"
#include "models/onnx.h"
#include "onnx/ops.h"

namespace kuchi::models {
namespace {

/// Row `number` of a table for each clip, `share` of the way there from row 0. As a product, whose
/// gradient is summed in one order on every device.
at::Tensor rows_of(const at::Tensor& table, const std::vector<Told>& told, int64_t Told::*number,
                   bool in_shares) {
  const auto weights = at::zeros({static_cast<int64_t>(told.size()), table.size(0)});
  auto* w = weights.mutable_data_ptr<float>();
  for (const auto& t : told) {
    if (t.*number < 0 || t.*number >= table.size(0)) {
      throw std::logic_error("a model was told a number that is none of its names");
    }
    const auto share = in_shares ? static_cast<float>(t.intensity) : 1.0F;
    w[0] += 1 - share;
    w[t.*number] += share;
    w += table.size(0);
  }
  return at::matmul(edge::sent(weights.to(table.scalar_type()), table.device()), table);
}

/// [batch] → [batch, width]
onnx::Value emit_rows(onnx::Graph& g, const char* name, const at::Tensor& table,
                      const onnx::Value& number) {
  const auto known = onnx::less(g, number, g.integer(table.size(0)));
  const auto zero = g.integer(0);
  const auto row = onnx::where(g, known, onnx::maximum(g, number, zero), zero);
  return onnx::gather(g, models::emit(g, name, table), row, 0);
}

}  // namespace

Condition::Condition(const Vocabulary& v, bool learnt) : intensity_(v.intensity), learnt_(learnt) {
  const auto speakers = static_cast<int64_t>(v.speakers.size());
  if (!v.speakers.empty()) speaker_ = table("speaker", v.speakers.size(), v.width, 0);
  if (!v.styles.empty()) style_ = table("style", v.styles.size(), v.width, speakers);
}

/// first: the place of the first name's one.
at::Tensor Condition::table(const std::string& name, size_t names, int64_t width, int64_t first) {
  const auto rows = static_cast<int64_t>(names) + 1;
  if (!learnt_) {
    auto ones = at::zeros({rows, width});
    ones.slice(0, 1).diagonal(first).fill_(1);
    return register_buffer(name, ones);
  }
  auto drawn = at::randn({rows, width});
  drawn[0].zero_();
  return register_parameter(name, drawn);
}

at::Tensor Condition::forward(const std::vector<Told>& told) const {
  at::Tensor out;
  if (speaker_.defined()) out = rows_of(speaker_, told, &Told::speaker, false);
  if (!style_.defined()) return out;
  const auto style = rows_of(style_, told, &Told::style, intensity_);
  return out.defined() ? out + style : style;
}

onnx::Value Condition::emit(onnx::Graph& g, const OnnxTold& told) const {
  const onnx::Graph::Part part(g, "condition");
  onnx::Value out;
  if (speaker_.defined()) out = emit_rows(g, "speakers", speaker_, told.speaker);
  if (!style_.defined()) return out;
  auto style = emit_rows(g, "styles", style_, told.style);
  if (intensity_) {
    const auto pivot = models::emit(g, "pivot", style_[0]);
    const auto share = onnx::unsqueeze(g, told.intensity, {1});
    style = onnx::add(g, pivot, onnx::mul(g, share, onnx::sub(g, style, pivot)));
  }
  return speaker_.defined() ? onnx::add(g, out, style) : style;
}

}  // namespace kuchi::models
