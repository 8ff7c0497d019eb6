#include "models/lstm_head.h"

#include <ATen/ATen.h>

#include "models/lookahead.h"
#include "models/lstm.h"
#include "models/packed_rows.h"
#include "models/steps.h"

namespace kuchi::models {

namespace nn = torch::nn;

LstmHead::LstmHead(const Shape& shape, const LstmOptions& options) : options_(options) {
  projection_ = register_module(
      "projection", projection_steps(shape.features, options.projection, options.dropout));
  lstm_ = register_module(
      "lstm",
      nn::LSTM(nn::LSTMOptions(width_after(shape.features, options.projection), options.hidden)
                   .num_layers(options.layers)
                   .batch_first(true)
                   .dropout(options.layers > 1 ? options.lstm_dropout : 0)));
  output_ = register_module(
      "output", output_steps(options.hidden, options.output, options.dropout, shape.size()));
  range_ = register_module("range", std::make_shared<RangeOutput>(shape.curves));
}

at::Tensor LstmHead::forward(const at::Tensor& features, const at::Tensor& lengths) {
  const int64_t late = options_.lookahead, frames = features.size(1);
  const auto rows = std::make_shared<const PackedRows>(pack_rows(lengths + late, frames + late));
  auto x = packed(*rows, continued(features, lengths, late));  // [total, dim]
  if (!projection_->is_empty()) x = projection_->forward(x);
  x = lstm(*lstm_, x, rows);  // [total, hidden]
  // Rows are a time step after another, so without the first steps they are the clips' own rows.
  const auto own = late == 0 ? *rows : pack_rows(lengths, frames);
  const auto answers = x.slice(0, rows->offsets[static_cast<size_t>(late)]);
  return unpacked(own, range_->forward(output_->forward(answers)));
}

void LstmHead::start_at(const at::Tensor& mean) { models::start_at(output_, *range_, mean); }

std::vector<std::string> LstmHead::by_curve() const { return models::by_curve(output_, "output"); }

void LstmKind::describe(config::Section section) {
  models::describe(section, options_);
  section.add("lookahead", options_.lookahead)
      .at_least(0)
      .at_most(10)
      .unit("frames")
      .help("how many frames beyond its own a frame of curves has heard; the delay in live use");
}

}  // namespace kuchi::models
