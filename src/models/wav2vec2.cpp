#include "models/wav2vec2.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>

#include "audio/audio.h"
#include "core/text.h"
#include "edge/side_stream.h"
#include "models/light.h"

namespace kuchi::models {
namespace {

bool begins(const std::string& text, const char* with) { return text.rfind(with, 0) == 0; }

constexpr const char* kLayers = "encoder.layers.";
constexpr const char* kEncoder = "encoder.";  // the module's name in this head

}  // namespace

Wav2vec2Head::Wav2vec2Head(const Wav2vec2Options& options, Base base, std::shared_ptr<Head> inner,
                           double fps)
    : options_(options), base_(std::move(base)), inner_(std::move(inner)), fps_(fps) {
  const auto& config = base_.encoder->config();
  base_.encoder->set_interruptible(false);  // a training stops where it can save
  layer_ = choose_layer(options, config.layers);
  if (options.tune == Tune::lora) add_lora(*base_.encoder, options.lora, layer_.index);
  register_module("encoder", base_.encoder);
  norm_ =
      register_module("norm", torch::nn::LayerNorm(torch::nn::LayerNormOptions({config.hidden})));
  if (layer_.weighted) mix_ = register_parameter("mix", at::zeros({config.layers + 1}));
  register_module("head", inner_);
  freeze();
}

/// 0 for what lies before the layers, i for the i-th of them.
int64_t Wav2vec2Head::depth(const std::string& name) const {
  if (name.rfind("encoder.layer_norm.", 0) == 0 && base_.encoder->config().pre_norm) {
    return layer_.index;
  }
  if (!begins(name, kLayers)) return 0;
  return std::stoll(name.substr(std::string(kLayers).size())) + 1;
}

bool Wav2vec2Head::learns(const std::string& name) const {
  const bool adapter = name.find(".lora_") != std::string::npos;
  const bool last_norm = begins(name, "encoder.layer_norm.") && base_.encoder->config().pre_norm;
  if (depth(name) > layer_.index || (last_norm && !layer_.last)) return false;  // not even run
  switch (options_.tune) {
    case Tune::frozen:
      return false;
    case Tune::lora:
      return adapter;
    case Tune::top:
      return depth(name) > layer_.index - options_.top_layers;
    case Tune::all:
      if (begins(name, "feature_extractor.")) return options_.front_end;
      return name != "masked_spec_embed" || options_.mask_time_prob > 0;
  }
  throw std::logic_error("unknown way of tuning");
}

void Wav2vec2Head::freeze() {
  for (const auto& item : base_.encoder->named_parameters()) {
    if (learns(item.key())) learning_.insert(item.key());
    item.value().requires_grad_(learning_.count(item.key()) > 0);
  }
  training_ = options_.training();
  training_.frozen_input = options_.tune != Tune::all;
  if (options_.tune == Tune::top) training_.frozen_layers = layer_.index - options_.top_layers;
  if (options_.tune == Tune::frozen) training_.frozen_layers = layer_.index;
  base_.encoder->set_training(training_);
}

void Wav2vec2Head::train(bool on) {
  torch::nn::Module::train(on);
  if (options_.tune == Tune::frozen) base_.encoder->train(false);
}

/// What stays as it is may be laid out for the processor, once it is on it and has its values.
void Wav2vec2Head::settle() {
  if (settled_) return;
  settled_ = true;
  auto& encoder = *base_.encoder;
  if (options_.tune == Tune::frozen) return encoder.freeze_for_inference();
  if (!options_.front_end) encoder.freeze_front_end();
  if (!training_.frozen_input) return;
  encoder.projection().linear.pack(at::kFloat);
  encoder.positions().pack(at::kFloat);
  for (int64_t i = 0; i < training_.frozen_layers; ++i) {
    encoder.layers()[static_cast<size_t>(i)].pack(at::kFloat);
  }
}

void Wav2vec2Head::freeze_for_inference() {
  settled_ = true;
  base_.encoder->set_interruptible(true);
  base_.encoder->freeze_for_inference();
  for (auto& p : parameters()) p.requires_grad_(false);
}

encoders::Hidden Wav2vec2Head::encode(const std::vector<at::Tensor>& clips) {
  auto& encoder = *base_.encoder;
  std::vector<at::Tensor> heard;
  for (const auto& clip : clips) heard.push_back(encoders::long_enough(encoder.config(), clip));
  encoders::Packed packed;
  {
    const at::AutoGradMode gradients(at::GradMode::is_enabled() && !training_.frozen_input);
    packed = encoder.project(encoder.front_end(heard));
    if (is_training()) {
      packed = encoders::masked(packed, encoder.mask_embedding(), options_.masking());
    }
  }
  const at::AutoGradMode gradients(at::GradMode::is_enabled() && options_.tune != Tune::frozen);
  return encoder.transform(packed, wanted());
}

encoders::Wanted Wav2vec2Head::wanted() const {
  encoders::Wanted out;
  if (layer_.weighted) out = encoders::Wanted::all(encoder().config().layers);
  if (!layer_.weighted && !layer_.last) out = encoders::Wanted::only(layer_.index);
  out.last = layer_.last;
  return out;
}

at::Tensor Wav2vec2Head::mix() const { return mix_.defined() ? mix_.softmax(0) : mix_; }

at::Tensor Wav2vec2Head::chosen(const encoders::Hidden& hidden) const {
  if (layer_.last) return hidden.last;
  if (!layer_.weighted) return hidden.layers[0];
  const auto weights = mix();
  auto sum = weights[0] * hidden.layers[0];
  for (size_t i = 1; i < hidden.layers.size(); ++i) {
    sum = sum + weights[static_cast<int64_t>(i)] * hidden.layers[i];
  }
  return sum;
}

at::Tensor at_curve_frames(const at::Tensor& hidden, const encoders::EncoderConfig& config,
                           double fps, int64_t frames) {
  const auto last = static_cast<double>(hidden.size(0) - 1);
  const auto times = at::arange(frames, at::kDouble) / fps;
  const auto places = ((times - config.first_frame_s()) / config.hop_s()).clamp(0, last);
  const auto below = places.floor();
  const auto above = (below + 1).clamp_max(last);
  const auto share = edge::sent((places - below).to(at::kFloat).unsqueeze(1), hidden.device());
  const auto index = [&](const at::Tensor& at) {
    return edge::sent(at.to(at::kLong), hidden.device());
  };
  return at::lerp(hidden.index_select(0, index(below)), hidden.index_select(0, index(above)),
                  share.expand({frames, hidden.size(1)}));
}

at::Tensor Wav2vec2Head::hear(const std::vector<at::Tensor>& clips, const at::Tensor& lengths,
                              const at::Tensor& beside) {
  settle();
  const auto hidden = encode(clips);
  const encoders::Packed x{norm_->forward(chosen(hidden)), hidden.offsets};  // [total, hidden]
  const int64_t longest = lengths.max().item<int64_t>();
  std::vector<at::Tensor> rows;
  for (size_t i = 0; i < clips.size(); ++i) {
    const int64_t frames = lengths[static_cast<int64_t>(i)].item<int64_t>();
    const auto clip = static_cast<int64_t>(i);
    auto y = at_curve_frames(x.clip(clip), base_.encoder->config(), fps_, frames);
    if (beside.defined()) {
      y = at::cat({y, beside[clip].to(y.scalar_type()).expand({frames, -1})}, 1);
    }
    rows.push_back(at::constant_pad_nd(y, {0, 0, 0, longest - frames}));
  }
  return inner_->forward(at::stack(rows), lengths);
}

Treatment Wav2vec2Head::treatment(const std::string& name, const at::Tensor& parameter) const {
  auto out = Head::treatment(name, parameter);
  if (name == "mix") out.decays = false;
  if (!begins(name, kEncoder)) return out;
  const auto own = name.substr(std::string(kEncoder).size());
  out.lr_factor = options_.lr_scale *
                  std::pow(options_.layer_decay, static_cast<double>(layer_.index - depth(own)));
  // Scales of WavLM's position gates are ones in a shape of four dimensions.
  if (own.find("gru_rel_pos_const") != std::string::npos) out.decays = false;
  return out;
}

std::vector<std::string> Wav2vec2Head::by_curve() const {
  auto names = inner_->by_curve();
  for (auto& name : names) name = "head." + name;
  return names;
}

bool Wav2vec2Head::is_saved(const std::string& name) const {
  if (options_.save == Save::all || !begins(name, kEncoder)) return true;
  return learning_.count(name.substr(std::string(kEncoder).size())) > 0;
}

std::map<std::string, std::string> Wav2vec2Head::metadata() const {
  return base_.metadata(options_.save == Save::all);
}

Wav2vec2Kind::Wav2vec2Kind(const std::vector<std::unique_ptr<HeadKind>>& others) {
  for (const auto& kind : others) {
    if (kind->by_descent() && !kind->hears_audio()) others_.push_back(kind.get());
  }
}

void Wav2vec2Kind::describe(config::Section section) {
  std::vector<std::string> names;
  for (const auto* kind : others_) names.push_back(kind->name());
  models::describe(std::move(section), options_, names);
}

void Wav2vec2Kind::check(const Places& at) const {
  models::check(options_, at);
  for (const auto* kind : others_) {
    if (kind->name() == options_.head) kind->check(at);
  }
}

std::string Wav2vec2Kind::missing() const {
  if (!options_.encoder.empty()) return "";
  return "model.head is wav2vec2, which stands on a speech encoder; add "
         "model.wav2vec2.encoder=DIR "
         "(or features.encoder=DIR), a directory in Hugging Face's layout";
}

std::shared_ptr<Head> Wav2vec2Kind::make(const Shape& shape) const {
  auto base = open_base(options_.encoder, shape.making);
  Shape above = shape;
  above.features += base.encoder->config().hidden;
  std::shared_ptr<Head> inner;
  for (const auto* kind : others_) {
    if (kind->name() == options_.head) inner = kind->make(above);
  }
  if (!inner) inner = std::make_shared<LightHead>(above);
  return std::make_shared<Wav2vec2Head>(options_, std::move(base), std::move(inner), shape.fps);
}

}  // namespace kuchi::models
