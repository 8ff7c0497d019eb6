#include "models/transformer_stack.h"

#include <ATen/ATen.h>
#include <torch/nn/init.h>

#include "edge/side_stream.h"

namespace kuchi::models {

namespace nn = torch::nn;

TransformerStack::TransformerStack(const TransformerOptions& options) : options_(options) {
  if (options.positions == Position::learned) {
    table_ = register_parameter("positions", at::empty({options.learned_positions, options.width}));
    nn::init::normal_(table_, 0, 0.02);  // as BERT and the Transformers after it
  }
  for (int64_t i = 0; i < options.layers; ++i) {
    layers_.push_back(std::make_shared<TransformerLayer>(options));
    list_->push_back(layers_.back());
  }
  register_module("layers", list_);
  if (options.norm == NormPlace::pre) {
    norm_ = register_module("norm", nn::LayerNorm(nn::LayerNormOptions({options.width})));
  }
}

at::Tensor TransformerStack::placed(const at::Tensor& heard, const at::Tensor& positions) const {
  // What layers add to is kept in float32 under autocast too; it is their products that are not.
  const auto x = heard.scalar_type() == at::kBFloat16 ? heard.to(at::kFloat) : heard;
  if (options_.positions == Position::sinusoidal) {
    return x + sinusoids(positions, options_.width).to(x.options().requires_grad(false));
  }
  if (options_.positions == Position::learned) {
    const auto row = edge::sent(positions.clamp_max(options_.learned_positions - 1), x.device());
    return x + table_.index_select(0, row);
  }
  return x;
}

Rotation TransformerStack::turned(const at::Tensor& positions,
                                  const at::TensorOptions& like) const {
  if (options_.positions != Position::rotary) return {};
  return rotation(positions, options_.head_dim(), like);
}

at::Tensor TransformerStack::slopes() const {
  return options_.positions == Position::alibi ? alibi_slopes(options_.heads) : at::Tensor();
}

at::Tensor TransformerStack::ended(const at::Tensor& x) const {
  return norm_ ? norm_->forward(x) : x;
}

at::Tensor TransformerStack::forward(const at::Tensor& x, const ClipRows& rows) {
  auto y = at::dropout(placed(x, rows.position), options_.dropout, is_training());
  const auto like = y.options().requires_grad(false);
  const Attending attend(rows, options_.reach(), slopes(), like);
  const auto rotation = turned(rows.position, like);
  for (const auto& layer : layers_) y = layer->forward(y, attend, rotation);
  return ended(y);
}

}  // namespace kuchi::models
