#include "models/transformer.h"

#include <ATen/ATen.h>

#include "models/in_pieces.h"
#include "models/onnx.h"
#include "models/steps.h"

namespace kuchi::models {

namespace nn = torch::nn;

TransformerHead::TransformerHead(const Shape& shape, const TransformerOptions& options,
                                 const std::vector<int64_t>& output) {
  input_ = register_module("input", nn::Linear(shape.features, options.width));
  stack_ = register_module("transformer", std::make_shared<TransformerStack>(options));
  output_ =
      register_module("output", output_steps(options.width, output, options.dropout, shape.size()));
  range_ = register_module("range", std::make_shared<RangeOutput>(shape.curves));
}

at::Tensor TransformerHead::forward(const at::Tensor& features, const at::Tensor& lengths) {
  if (stack_->options().reach().bounded() && worth_pieces(*this, features)) {
    return in_pieces(*this, features, lengths);
  }
  const auto rows = clip_rows(lengths, features.size(1));
  const auto x = stack_->forward(input_->forward(packed(rows, features)), rows);
  return unpacked(rows, range_->forward(output_->forward(x)));
}

onnx::Value TransformerHead::emit(onnx::Graph& g, const OnnxBatch& batch) const {
  OnnxBatch steps = batch;
  {
    const onnx::Graph::Part part(g, "input");
    steps.x = models::emit(g, *input_, batch.x);
  }
  {
    const onnx::Graph::Part part(g, "transformer");
    steps.x = stack_->emit(g, steps);
  }
  const onnx::Graph::Part part(g, "output");
  return range_->emit(g, models::emit(g, *output_, steps.x));
}

void TransformerHead::start_at(const at::Tensor& mean) { models::start_at(output_, *range_, mean); }

std::vector<std::string> TransformerHead::by_curve() const {
  return models::by_curve(output_, "output");
}

std::optional<int64_t> TransformerHead::lookahead_frames() const {
  return stack_->options().lookahead_frames();
}

namespace {

class TransformerHeadStream : public PieceStream {
 public:
  TransformerHeadStream(nn::Linear input, const TransformerStack& stack, nn::Sequential output,
                        const RangeOutput& range)
      : PieceStream(*input),
        input_(std::move(input)),
        stack_(stack),
        output_(std::move(output)),
        range_(range) {}

 private:
  at::Tensor step(const at::Tensor& features, bool ends) override {
    return range_.forward(output_->forward(stack_.push(input_->forward(features), ends)));
  }
  nn::Linear input_;
  TransformerStream stack_;
  nn::Sequential output_;
  const RangeOutput& range_;
};

}  // namespace

std::unique_ptr<HeadStream> TransformerHead::stream() {
  if (!stack_->options().reach().bounded()) return nullptr;
  return std::make_unique<TransformerHeadStream>(input_, *stack_, output_, *range_);
}

void TransformerKind::describe(config::Section section) {
  models::describe(section, options_);
  section.add("output", output_).at_least(1).at_most(1 << 16).help("widths of the output steps");
}

}  // namespace kuchi::models
