#include "train/diagnosis.h"

#include <ATen/ATen.h>

#include <cmath>

#include "core/text.h"

namespace kuchi::train {
namespace {

constexpr size_t kSegmentsTold = 6;

std::string shape_text(const std::vector<int64_t>& shape) {
  std::vector<std::string> parts;
  for (const auto size : shape) parts.push_back(std::to_string(size));
  return "[" + join(parts, ", ") + "]";
}

/// The first value of [batch, frames, dim] that is not finite, as "clip 2_05, frame 17, value 3".
/// Frames are counted as in the recorded clip, which augmentation may have stretched.
std::string place(const at::Tensor& values, const Batch& batch, const data::StoreInfo& store) {
  const auto bad = at::isfinite(values).logical_not().nonzero();  // [bad, 3]
  if (bad.size(0) == 0) return "";
  const auto row = bad[0][0].item<int64_t>(), frame = bad[0][1].item<int64_t>();
  if (row >= static_cast<int64_t>(batch.segments.size())) return "";
  const auto& segment = batch.segments[static_cast<size_t>(row)];
  return cat("clip ", store.clips[static_cast<size_t>(segment.clip)].id, ", frame ",
             segment.begin + frame, ", value ", bad[0][2].item<int64_t>());
}

std::optional<Fault> valid_fault(const std::string& stage, const std::string& name,
                                 const at::Tensor& values, const Batch& batch,
                                 const data::StoreInfo* store) {
  if (!values.defined() || values.numel() == 0) return std::nullopt;
  const auto seen =
      at::where(batch.valid.unsqueeze(2), values.detach(), at::zeros({}, values.options()));
  auto fault = fault_of(stage, name, seen);
  if (fault && store != nullptr) fault->note = place(seen, batch, *store);
  return fault;
}

}  // namespace

std::string Fault::text() const {
  const auto where = note.empty() ? std::string() : cat(" (first: ", note, ")");
  const auto what = stage == "gradient" ? "the gradient of " : stage == "weights" ? "" : "the ";
  if (nan + infinite == 0) {  // broken_gradient()'s largest
    return cat("the gradient's norm is beyond float32; most of it is in ", name, " ",
               shape_text(shape), where);
  }
  const auto bad = nan + infinite;
  return cat(bad, " of ", values, values == 1 ? " value" : " values", " of ", what, name, " ",
             shape_text(shape), bad == 1 ? " is" : " are", " not finite", where);
}

nlohmann::json to_json(const Fault& f) {
  nlohmann::json out = {{"stage", f.stage}, {"name", f.name},         {"shape", f.shape},
                        {"nan", f.nan},     {"infinite", f.infinite}, {"values", f.values}};
  if (!f.note.empty()) out["first"] = f.note;
  return out;
}

Fault fault_from(const nlohmann::json& j) {
  return {j.at("stage"),       j.at("name"),     j.at("shape").get<std::vector<int64_t>>(),
          j.at("nan"),         j.at("infinite"), j.at("values"),
          j.value("first", "")};
}

std::optional<Fault> fault_of(const std::string& stage, const std::string& name,
                              const at::Tensor& tensor) {
  if (!tensor.defined() || !tensor.is_floating_point()) return std::nullopt;
  const at::NoGradGuard no_grad;
  if (at::isfinite(tensor).all().item<bool>()) return std::nullopt;
  Fault out{stage, name, tensor.sizes().vec(), 0, 0, tensor.numel(), ""};
  out.nan = at::isnan(tensor).sum().item<int64_t>();
  out.infinite = at::isinf(tensor).sum().item<int64_t>();
  return out;
}

std::optional<Fault> broken_weights(const edge::NamedTensors& tensors) {
  const at::NoGradGuard no_grad;
  std::vector<at::Tensor> finite;  // so that a GPU is waited for once, not once a tensor
  for (const auto& [name, tensor] : tensors) {
    if (tensor.is_floating_point()) finite.push_back(at::isfinite(tensor).all());
  }
  if (finite.empty() || at::stack(finite).all().item<bool>()) return std::nullopt;
  for (const auto& [name, tensor] : tensors) {
    if (auto fault = fault_of("weights", name, tensor)) return fault;
  }
  return std::nullopt;
}

std::optional<Fault> broken_input(const Batch& batch, const data::StoreInfo& store) {
  if (auto f = valid_fault("input", "features", batch.features, batch, &store)) return f;
  if (auto f = valid_fault("input", "targets", batch.targets, batch, &store)) return f;
  for (size_t i = 0; i < batch.audio.size(); ++i) {
    auto f = fault_of("input", "audio", batch.audio[i]);
    if (!f) continue;
    if (i < batch.segments.size()) {
      f->note = "clip " + store.clips[static_cast<size_t>(batch.segments[i].clip)].id;
    }
    return f;
  }
  return std::nullopt;
}

std::optional<Fault> broken_prediction(const at::Tensor& prediction, const Batch& batch) {
  return valid_fault("forward", "prediction", prediction, batch, nullptr);
}

std::optional<Fault> broken_gradient(const models::Model& model) {
  const at::NoGradGuard no_grad;
  const auto parameters = model.named_parameters();
  double squares = 0, most = -1;
  Fault largest;
  for (size_t i = parameters.size(); i-- > 0;) {
    const auto& item = parameters[i];
    const auto& grad = item.value().grad();
    if (!grad.defined()) continue;
    if (auto fault = fault_of("gradient", item.key(), grad)) return fault;
    const double norm = at::linalg_vector_norm(grad.to(at::kDouble), 2).item<double>();
    squares += norm * norm;
    if (norm <= most) continue;
    most = norm;
    largest = {"gradient", item.key(), grad.sizes().vec(), 0, 0, grad.numel(), ""};
  }
  // The norm is taken in float32, where a square of more than 3e38 is infinite.
  if (squares < 3e38) return std::nullopt;
  return largest;
}

std::string batch_text(const std::vector<std::vector<data::Segment>>& batches,
                       const data::StoreInfo& store) {
  std::vector<std::string> parts;
  size_t count = 0;
  for (const auto& batch : batches) {
    for (const auto& s : batch) {
      if (count++ >= kSegmentsTold) continue;
      parts.push_back(
          cat(store.clips[static_cast<size_t>(s.clip)].id, " [", s.begin, ", ", s.end, ")"));
    }
  }
  if (count > kSegmentsTold) return cat(join(parts, ", "), " and ", count - kSegmentsTold, " more");
  return join(parts, ", ");
}

nlohmann::json batch_json(const std::vector<std::vector<data::Segment>>& batches,
                          const data::StoreInfo& store) {
  auto out = nlohmann::json::array();
  for (const auto& batch : batches) {
    for (const auto& s : batch) {
      out.push_back({{"clip", store.clips[static_cast<size_t>(s.clip)].id},
                     {"begin", s.begin},
                     {"end", s.end}});
    }
  }
  return out;
}

}  // namespace kuchi::train
