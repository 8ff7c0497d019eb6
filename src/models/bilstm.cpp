#include "models/bilstm.h"

#include <torch/nn/modules/activation.h>
#include <torch/nn/modules/dropout.h>
#include <torch/nn/modules/linear.h>
#include <torch/nn/modules/normalization.h>

#include "models/lstm.h"
#include "models/packed_rows.h"

namespace kuchi::models {

namespace nn = torch::nn;

BilstmHead::BilstmHead(const Shape& shape, const BilstmOptions& options) : options_(options) {
  int64_t width = shape.features;
  for (const int64_t next : options.projection) {
    projection_->push_back(nn::Linear(width, next));
    projection_->push_back(nn::LayerNorm(nn::LayerNormOptions({next})));
    projection_->push_back(nn::ReLU());
    projection_->push_back(nn::Dropout(options.dropout));
    width = next;
  }
  register_module("projection", projection_);
  lstm_ = register_module("lstm",
                          nn::LSTM(nn::LSTMOptions(width, options.hidden)
                                       .num_layers(options.layers)
                                       .bidirectional(true)
                                       .batch_first(true)
                                       .dropout(options.layers > 1 ? options.lstm_dropout : 0)));
  width = 2 * options.hidden;
  for (const int64_t next : options.output) {
    output_->push_back(nn::Linear(width, next));
    output_->push_back(nn::ReLU());
    output_->push_back(nn::Dropout(options.dropout));
    width = next;
  }
  output_->push_back(nn::Linear(width, shape.size()));
  register_module("output", output_);
  range_ = register_module("range", std::make_shared<RangeOutput>(shape.curves));
}

at::Tensor BilstmHead::forward(const at::Tensor& features, const at::Tensor& lengths) {
  // Packed from end to end: no step computes on padding, and the backward direction starts at each
  // clip's own end.
  const auto rows = std::make_shared<const PackedRows>(pack_rows(lengths, features.size(1)));
  auto x = packed(*rows, features);  // [total, dim]
  if (!projection_->is_empty()) x = projection_->forward(x);
  x = lstm(*lstm_, x, rows);  // [total, 2 hidden]
  return unpacked(*rows, range_->forward(output_->forward(x)));
}

void BilstmHead::start_at(const at::Tensor& mean) {
  const at::NoGradGuard no_grad;
  auto* last = output_[output_->size() - 1]->as<nn::Linear>();
  last->bias.copy_(range_->inverse(mean.to(last->bias.device())));
}

std::vector<std::string> BilstmHead::by_curve() const {
  const auto last = "output." + std::to_string(output_->size() - 1);
  return {last + ".weight", last + ".bias"};
}

void BilstmKind::describe(config::Section section) {
  section.add("projection", options_.projection)
      .at_least(1)
      .at_most(1 << 16)
      .help("widths of the steps before the LSTM; [] leaves them out");
  section.add("hidden", options_.hidden).at_least(1).at_most(1 << 14).help("units a direction");
  section.add("layers", options_.layers).at_least(1).at_most(32).help("LSTM layers");
  section.add("output", options_.output)
      .at_least(1)
      .at_most(1 << 16)
      .help("widths of the steps after the LSTM");
  section.add("dropout", options_.dropout)
      .at_least(0)
      .below(1)
      .help("in the projection and in the output steps");
  section.add("lstm_dropout", options_.lstm_dropout)
      .at_least(0)
      .below(1)
      .help("between LSTM layers");
}

}  // namespace kuchi::models
