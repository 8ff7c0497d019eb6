#include "models/hybrid.h"

#include <ATen/ATen.h>

#include "edge/side_stream.h"
#include "models/in_pieces.h"
#include "models/lstm.h"
#include "models/packed_rows.h"
#include "models/steps.h"

namespace kuchi::models {

namespace nn = torch::nn;

namespace {

/// Row of each packed LSTM row among the rows clip by clip: [total] int64.
at::Tensor order_by_time(const ClipRows& by_clip, const PackedRows& by_time) {
  auto row = at::empty({by_clip.clips * by_clip.frames}, at::kLong);
  row.index_copy_(0, by_clip.index, at::arange(by_clip.total, at::kLong));
  return row.index_select(0, by_time.index);
}

at::Tensor back(const at::Tensor& order) {
  return at::empty_like(order).index_copy_(0, order, at::arange(order.size(0), at::kLong));
}

}  // namespace

HybridHead::HybridHead(const Shape& shape, const HybridOptions& options) : options_(options) {
  const auto& t = options.transformer;
  input_ = register_module("input", nn::Linear(shape.features, t.width));
  lstm_ = register_module(
      "lstm", nn::LSTM(nn::LSTMOptions(t.width, options.hidden)
                           .num_layers(options.lstm_layers)
                           .bidirectional(options.bidirectional)
                           .batch_first(true)
                           .dropout(options.lstm_layers > 1 ? options.lstm_dropout : 0)));
  merge_ = register_module("merge",
                           nn::Linear((options.bidirectional ? 2 : 1) * options.hidden, t.width));
  stack_ = register_module("transformer", std::make_shared<TransformerStack>(t));
  if (options.arrangement == Arrangement::parallel) {
    gate_ = register_module("gate", nn::Linear(2 * t.width, t.width));
  }
  output_ =
      register_module("output", output_steps(t.width, options.output, t.dropout, shape.size()));
  range_ = register_module("range", std::make_shared<RangeOutput>(shape.curves));
}

at::Tensor HybridHead::recurrent(const at::Tensor& x, const ClipRows& rows,
                                 const at::Tensor& lengths) {
  const auto by_time = std::make_shared<const PackedRows>(pack_rows(lengths, rows.frames));
  if (rows.clips == 1) return merge_->forward(lstm(*lstm_, x, by_time));
  const auto order = order_by_time(rows, *by_time);
  const auto y = lstm(*lstm_, x.index_select(0, edge::sent(order, x.device())), by_time);
  return merge_->forward(y.index_select(0, edge::sent(back(order), x.device())));
}

at::Tensor HybridHead::gated(const at::Tensor& attended, const at::Tensor& recurrent) {
  const auto gate = at::sigmoid(gate_->forward(at::cat({attended, recurrent}, -1)));
  return recurrent + gate * (attended - recurrent);
}

at::Tensor HybridHead::forward(const at::Tensor& features, const at::Tensor& lengths) {
  if (live() && worth_pieces(*this, features)) return in_pieces(*this, features, lengths);
  const auto rows = clip_rows(lengths, features.size(1));
  const auto x = input_->forward(packed(rows, features));
  at::Tensor y;
  switch (options_.arrangement) {
    case Arrangement::attention_over_lstm:
      y = stack_->forward(recurrent(x, rows, lengths), rows);
      break;
    case Arrangement::lstm_over_attention:
      y = recurrent(stack_->forward(x, rows), rows, lengths);
      break;
    case Arrangement::parallel:
      y = gated(stack_->forward(x, rows), recurrent(x, rows, lengths));
      break;
  }
  return unpacked(rows, answer(y));
}

void HybridHead::start_at(const at::Tensor& mean) { models::start_at(output_, *range_, mean); }

std::vector<std::string> HybridHead::by_curve() const {
  return models::by_curve(output_, "output");
}

std::optional<int64_t> HybridHead::lookahead_frames() const {
  if (options_.bidirectional) return std::nullopt;
  return options_.transformer.lookahead_frames();
}

bool HybridHead::live() const {
  return !options_.bidirectional && options_.transformer.reach().bounded();
}

std::string HybridHead::how_to_stream() const {
  if (options_.bidirectional) {
    return "with model.hybrid.bidirectional=true the LSTM hears the whole clip; for live use train "
           "with model.hybrid.bidirectional=false";
  }
  return options_.transformer.how_to_stream("model.hybrid.");
}

class HybridHead::Stream : public PieceStream {
 public:
  explicit Stream(HybridHead& head)
      : PieceStream(*head.input_), head_(head), stack_(*head.stack_) {}

 private:
  at::Tensor step(const at::Tensor& features, bool ends) override {
    const auto x = head_.input_->forward(features);
    switch (head_.options_.arrangement) {
      case Arrangement::attention_over_lstm:
        return head_.answer(stack_.push(recurrent(x), ends));
      case Arrangement::lstm_over_attention:
        return head_.answer(recurrent(stack_.push(x, ends)));
      case Arrangement::parallel:
        break;
    }
    // What the LSTM says waits until attention has seen what is to the right.
    const auto attended = stack_.push(x, ends);
    const auto said = recurrent(x);
    const auto all = waiting_.defined() ? at::cat({waiting_, said}) : said;
    const int64_t count = attended.size(0);
    waiting_ = all.narrow(0, count, all.size(0) - count).clone();
    return head_.answer(head_.gated(attended, all.narrow(0, 0, count)));
  }

  at::Tensor recurrent(const at::Tensor& x) {
    if (x.size(0) == 0) return x;
    const auto [y, state] = head_.lstm_->forward(x.unsqueeze(0), state_);
    state_ = state;
    return head_.merge_->forward(y[0]);
  }

  HybridHead& head_;
  TransformerStream stack_;
  std::optional<std::tuple<at::Tensor, at::Tensor>> state_;
  at::Tensor waiting_;  // [frames, width]
};

std::unique_ptr<HeadStream> HybridHead::stream() {
  if (!live()) return nullptr;
  return std::make_unique<Stream>(*this);
}

void HybridKind::describe(config::Section s) {
  auto& o = options_;
  s.add_choice("arrangement", o.arrangement,
               {{"attention_over_lstm", Arrangement::attention_over_lstm},
                {"lstm_over_attention", Arrangement::lstm_over_attention},
                {"parallel", Arrangement::parallel}})
      .help("which hears the other; parallel: both hear the same, and a learnt gate mixes them");
  s.add("hidden", o.hidden).at_least(1).at_most(1 << 14).help("LSTM units a direction");
  s.add("lstm_layers", o.lstm_layers).at_least(1).at_most(32).help("LSTM layers");
  s.add("bidirectional", o.bidirectional)
      .help("the LSTM in both directions; for live use false, with a window or causal attention");
  s.add("lstm_dropout", o.lstm_dropout).at_least(0).below(1).help("between LSTM layers");
  models::describe(s, o.transformer);
  s.add("output", o.output).at_least(1).at_most(1 << 16).help("widths of the output steps");
}

}  // namespace kuchi::models
