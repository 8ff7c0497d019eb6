#include <ATen/ATen.h>

#include <vector>

#include "models/late_stream.h"
#include "models/tcn.h"

namespace kuchi::models {
namespace {

/// A convolution at work on frames that are still coming.
class ConvState {
 public:
  ConvState(const TemporalConv& conv, int64_t width)
      : conv_(conv), held_(at::zeros({1, conv.before(), width})) {}

  /// x [1, frames, width] → [1, frames', width]: answers whose last frame has come
  at::Tensor push(const at::Tensor& x) {
    const auto heard = at::cat({held_, x}, 1);
    const int64_t answers = std::max<int64_t>(0, heard.size(1) - conv_.span() + 1);
    held_ = heard.slice(1, answers).clone();
    return answers > 0 ? conv_.inside(heard) : heard.slice(1, 0, 0);
  }

 private:
  const TemporalConv& conv_;
  at::Tensor held_;  // [1, up to span - 1, width]: what the next answers hear of frames before
};

class BlockState {
 public:
  BlockState(TcnBlock& block, int64_t width)
      : block_(block),
        convs_{ConvState(block.conv(0), width), ConvState(block.conv(1), width)},
        waiting_(at::zeros({1, 0, width})) {}

  at::Tensor push(const at::Tensor& x) {
    waiting_ = at::cat({waiting_, x}, 1);
    return add(step(1, step(0, x)));
  }
  /// Zeros follow the clip before each convolution, not only before the block.
  at::Tensor finish() {
    const auto first = step(0, zeros(block_.conv(0).after()));
    return at::cat({add(step(1, first)), add(step(1, zeros(block_.conv(1).after())))}, 1);
  }

 private:
  at::Tensor step(size_t i, const at::Tensor& x) {
    const auto y = convs_[i].push(x);
    return y.size(1) > 0 ? block_.after_conv(i, y) : y;
  }
  /// The block's input is added, frame to frame, once the convolutions have caught up.
  at::Tensor add(const at::Tensor& y) {
    const auto x = waiting_.slice(1, 0, y.size(1));
    waiting_ = waiting_.slice(1, y.size(1)).clone();
    return x + y;
  }
  at::Tensor zeros(int64_t frames) const { return at::zeros({1, frames, waiting_.size(2)}); }

  TcnBlock& block_;
  ConvState convs_[2];
  at::Tensor waiting_;  // [1, frames, width], not added yet
};

}  // namespace

class TcnStream : public LateStream {
 public:
  explicit TcnStream(TcnHead& head)
      : LateStream(head.options_.lookahead, *head.output_, *head.range_), input_(*head.input_) {
    for (const auto& block : head.blocks_) blocks_.emplace_back(*block, head.options_.width);
  }

 private:
  at::Tensor hear(const at::Tensor& features) override {
    auto x = input_.forward(features).unsqueeze(0);
    for (auto& block : blocks_) x = block.push(x);
    return x[0];
  }
  at::Tensor rest() override {
    at::Tensor x = blocks_[0].finish();
    for (size_t i = 1; i < blocks_.size(); ++i) {
      x = at::cat({blocks_[i].push(x), blocks_[i].finish()}, 1);
    }
    return x[0];
  }

  torch::nn::LinearImpl& input_;
  std::vector<BlockState> blocks_;
};

std::unique_ptr<HeadStream> TcnHead::stream() { return std::make_unique<TcnStream>(*this); }

}  // namespace kuchi::models
