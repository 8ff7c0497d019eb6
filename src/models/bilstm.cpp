#include "models/bilstm.h"

#include "models/lstm.h"
#include "models/packed_rows.h"
#include "models/steps.h"

namespace kuchi::models {

namespace nn = torch::nn;

BilstmHead::BilstmHead(const Shape& shape, const BilstmOptions& options) : options_(options) {
  projection_ = register_module(
      "projection", projection_steps(shape.features, options.projection, options.dropout));
  lstm_ = register_module(
      "lstm",
      nn::LSTM(nn::LSTMOptions(width_after(shape.features, options.projection), options.hidden)
                   .num_layers(options.layers)
                   .bidirectional(true)
                   .batch_first(true)
                   .dropout(options.layers > 1 ? options.lstm_dropout : 0)));
  output_ = register_module(
      "output", output_steps(2 * options.hidden, options.output, options.dropout, shape.size()));
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

void BilstmHead::start_at(const at::Tensor& mean) { models::start_at(output_, *range_, mean); }

std::vector<std::string> BilstmHead::by_curve() const {
  return models::by_curve(output_, "output");
}

void describe(config::Section section, BilstmOptions& options) {
  section.add("projection", options.projection)
      .at_least(1)
      .at_most(1 << 16)
      .help("widths of the steps before the LSTM; [] leaves them out");
  section.add("hidden", options.hidden).at_least(1).at_most(1 << 14).help("units a direction");
  section.add("layers", options.layers).at_least(1).at_most(32).help("LSTM layers");
  section.add("output", options.output)
      .at_least(1)
      .at_most(1 << 16)
      .help("widths of the steps after the LSTM");
  section.add("dropout", options.dropout)
      .at_least(0)
      .below(1)
      .help("in the projection and in the output steps");
  section.add("lstm_dropout", options.lstm_dropout)
      .at_least(0)
      .below(1)
      .help("between LSTM layers");
}

}  // namespace kuchi::models
