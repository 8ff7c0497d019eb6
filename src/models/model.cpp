#include "models/model.h"

#include <ATen/ATen.h>

#include "core/text.h"
#include "edge/side_stream.h"

namespace kuchi::models {
namespace {
Shape shape_of(const HeadKind& kind, const Card& card, const Making& making) {
  Shape shape;
  shape.features = card.condition.width;
  if (!kind.hears_audio()) {
    const auto& f = card.features;
    shape.features +=
        f.layer == "weighted" && f.is_encoder() ? f.facts.hidden * f.stack : features::dim(f);
  }
  shape.fps = card.fps;
  shape.making = making;
  for (const auto& curve : card.rig.curves) shape.curves.push_back({curve.low, curve.high});
  return shape;
}
}  // namespace

Model::Model(const HeadKind& kind, const Card& card, const Making& making) : card_(card) {
  const auto shape = shape_of(kind, card, making);
  const int64_t dim = kind.hears_audio() ? 0 : features::dim(card.features);
  const int64_t curves = card.rig.size();
  feature_mean_ = register_buffer("feature_mean", at::zeros({dim}));
  feature_std_ = register_buffer("feature_std", at::ones({dim}));
  curve_mean_ = register_buffer("curve_mean", at::zeros({curves}));
  curve_variance_ = register_buffer("curve_variance", at::ones({curves}));
  if (dim > shape.features - card.condition.width) {
    mix_ = register_module("layers", std::make_shared<LayerMix>(card.features));
  }
  if (!card.condition.empty()) {
    condition_ = register_module("condition",
                                 std::make_shared<Condition>(card.condition, kind.by_descent()));
  }
  head_width_ = shape.features;
  head_ = register_module("head", kind.make(shape));
  audio_head_ = dynamic_cast<AudioHead*>(head_.get());
}

at::Tensor Model::vectors(const std::vector<Told>& told, int64_t clips) const {
  const auto count = static_cast<size_t>(clips);
  if (!told.empty() && told.size() != count) {
    throw std::logic_error("a model was told of more or fewer clips than it hears");
  }
  return condition_->forward(told.empty() ? std::vector<Told>(count, told_) : told);
}

at::Tensor Model::normalise(const at::Tensor& features, const at::Tensor& lengths,
                            const std::vector<Told>& told) const {
  auto x = (features - feature_mean_) / feature_std_;
  if (mix_) x = mix_->forward(x);
  if (condition_) {
    const auto v = vectors(told, x.size(0)).to(x.scalar_type()).unsqueeze(1);
    x = at::cat({x, v.expand({-1, x.size(1), -1})}, 2);
  }
  if (lengths.eq(features.size(1)).all().item<bool>()) return x;
  const auto valid = at::arange(features.size(1), at::kLong).unsqueeze(0) < lengths.unsqueeze(1);
  return x.masked_fill(edge::sent(valid.logical_not(), x.device()).unsqueeze(2), 0);
}

at::Tensor Model::forward(const at::Tensor& features, const at::Tensor& lengths,
                          const std::vector<Told>& told) {
  return head_->forward(normalise(features, lengths, told), lengths);
}

at::Tensor Model::hear(const std::vector<at::Tensor>& clips, const at::Tensor& lengths,
                       const std::vector<Told>& told) {
  if (audio_head_ == nullptr) throw std::logic_error("a head that hears features was given audio");
  at::Tensor beside;
  if (condition_) beside = vectors(told, static_cast<int64_t>(clips.size()));
  return audio_head_->hear(clips, lengths, beside);
}

std::string hears(const HeadKind& kind, const features::Options& features) {
  return kind.hears_audio() ? "audio" : features::signature(features);
}

std::string Model::hears() const {
  return hears_audio() ? "audio" : features::signature(card_.features);
}

void Model::freeze_for_inference() {
  if (audio_head_ != nullptr) audio_head_->freeze_for_inference();
}

void Model::set_statistics(const TrainingStatistics& s) {
  const at::NoGradGuard no_grad;
  feature_mean_.copy_(s.feature_mean);
  feature_std_.copy_(s.feature_std);
  curve_mean_.copy_(s.curve_mean);
  curve_variance_.copy_(s.curve_variance);
}

TrainingStatistics Model::statistics() const {
  return {feature_mean_, feature_std_, curve_mean_, curve_variance_};
}

int64_t Model::parameter_count() const {
  int64_t count = 0;
  for (const auto& [name, tensor] : tensors()) {
    for (const char* part : {"head.", "layers.", "condition."}) {
      if (name.rfind(part, 0) == 0) count += tensor.numel();
    }
  }
  return count;
}

edge::NamedTensors Model::tensors() const {
  const std::string own = "head.";
  const auto is_saved = [&](const std::string& name) {
    // The output ranges follow from the rig; saving them twice could only disagree.
    if (name.find("head.range.") != std::string::npos) return false;
    if (hears_audio() && name.rfind("feature_", 0) == 0) return false;
    if (name.rfind("condition.", 0) == 0) return condition_->is_learnt();
    return name.rfind(own, 0) != 0 || head_->is_saved(name.substr(own.size()));
  };
  edge::NamedTensors out;
  for (const auto& item : named_parameters()) {
    if (is_saved(item.key())) out.emplace_back(item.key(), item.value());
  }
  for (const auto& item : named_buffers()) {
    if (is_saved(item.key())) out.emplace_back(item.key(), item.value());
  }
  return out;
}

std::map<std::string, std::string> Model::metadata() const {
  std::map<std::string, std::string> out = {{"format", "kuchi-model-1"},
                                            {"head", card_.head},
                                            {"features", hears()},
                                            {"fps", number(card_.fps)},
                                            {"curves", join(card_.rig.names(), ",")},
                                            {"rig", curves::rig_to_yaml(card_.rig)}};
  for (const auto& [key, value] : fields(card_.provenance)) out.emplace(key, value);
  if (!hears_audio() && card_.features.is_encoder()) {
    const auto& f = card_.features.facts;
    out.emplace("features_encoder", card_.features.encoder);
    out.emplace("features_encoder_family", f.family);
    out.emplace("features_encoder_hash", f.hash);
    out.emplace("features_encoder_hidden", std::to_string(f.hidden));
    out.emplace("features_encoder_layers", std::to_string(f.layers));
    out.emplace("features_encoder_hop_s", number(f.hop_s));
    out.emplace("features_encoder_first_s", number(f.first_s));
  }
  if (condition_) out.emplace("condition", to_text(card_.condition));
  for (const auto& [key, value] : head_->metadata()) out.emplace(key, value);
  return out;
}

}  // namespace kuchi::models
