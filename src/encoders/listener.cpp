#include "encoders/listener.h"

#include <ATen/ATen.h>

#include "core/text.h"
#include "edge/matrix_tensor.h"
#include "encoders/load.h"

namespace kuchi::encoders {
namespace {

/// "last", "all" and "weighted" are words; else a layer the encoder has.
void check_layer(features::Options& options, const Location& at) {
  if (options.layer == "last" || options.all_layers()) return;
  long long layer = -1;
  if (!parse_integer(options.layer, layer) || layer < 0 || layer > options.facts.layers) {
    fail_config(at, cat("features.layer=", options.layer,
                        ": there are last, all, weighted and 0 to ", options.facts.layers));
  }
  options.layer = std::to_string(layer);  // "03" is the same layer
}

}  // namespace

Wanted wanted_of(const features::Options& options) {
  if (options.layer == "last") return {};
  if (options.all_layers()) {
    auto wanted = Wanted::all(options.facts.layers);
    wanted.last = false;
    return wanted;
  }
  long long layer = 0;
  if (!parse_integer(options.layer, layer))
    throw std::logic_error("features.layer was not checked");
  return Wanted::only(layer);
}

Listener::Listener(std::function<std::filesystem::path()> place, Wanted wanted,
                   const AttachOptions& how)
    : place_(std::move(place)), wanted_(std::move(wanted)), how_(how) {}

Encoder& Listener::encoder() const {
  if (!encoder_) {
    encoder_ = load(place_());
    encoder_->to(how_.device);
    encoder_->freeze_for_inference(how_.bfloat16);
  }
  return *encoder_;
}

Matrix Listener::states(std::span<const float> samples) const {
  const std::lock_guard lock(mutex_);
  const at::NoGradGuard no_grad;
  auto& encoder = this->encoder();
  const auto given = edge::to_tensor(samples, {static_cast<int64_t>(samples.size())});
  const auto audio = long_enough(encoder.config(), given).to(how_.device);
  const auto hidden = forward_windowed(encoder, audio, wanted_, how_.windows);
  return edge::to_matrix(wanted_.last ? hidden.last : at::cat(hidden.layers, 1));
}

void attach(features::Options& options, const Location& encoder_at, const Location& layer_at,
            const AttachOptions& how) {
  if (!options.is_encoder() || options.source) return;
  if (options.encoder.empty()) {
    fail_config(encoder_at,
                "features.kind=encoder needs an encoder: give features.encoder=DIR, a "
                "directory with config.json and model.safetensors");
  }
  if (const auto why = features::trouble(options.window); !why.empty()) {
    fail_config(encoder_at, why);
  }
  const auto config = read_config(options.encoder);
  auto& f = options.facts;
  f.family = to_text(config.family);
  f.hash = hash(options.encoder);
  f.hidden = config.hidden;
  f.layers = config.layers;
  f.hop_s = config.hop_s();
  f.first_s = config.first_frame_s();
  check_layer(options, layer_at);
  options.source = std::make_shared<Listener>([where = options.encoder] { return where; },
                                              wanted_of(options), how);
}

const Listener& listener_of(const features::Options& options) {
  const auto* listener = dynamic_cast<const Listener*>(options.source.get());
  if (listener == nullptr) throw std::logic_error("features without an encoder that listens");
  return *listener;
}

}  // namespace kuchi::encoders
