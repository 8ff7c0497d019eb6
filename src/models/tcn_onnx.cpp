#include "core/text.h"
#include "models/lookahead.h"
#include "models/onnx.h"
#include "models/tcn.h"
#include "onnx/ops.h"

namespace kuchi::models {

onnx::Value TcnBlock::emit(onnx::Graph& g, const onnx::Value& x, const onnx::Value* mask) const {
  auto y = x;
  for (size_t i = 0; i < 2; ++i) {
    const onnx::Graph::Part part(g, cat("conv.", i));
    y = onnx::relu(g, models::emit(g, *norms_[i], convs_[i]->emit(g, y)));
    if (mask != nullptr) y = onnx::mul(g, y, *mask);
  }
  return onnx::add(g, x, y);
}

// One frame more than is answered for: runtimes refuse to convolve a clip of no frames.
onnx::Value TcnHead::emit(onnx::Graph& g, const OnnxBatch& batch) const {
  const int64_t late = options_.lookahead;
  auto x = models::emit(g, *input_, emit_continued(g, batch, late + 1));
  onnx::Value mask;
  if (!options_.causal) {
    const auto inside = onnx::within(g, onnx::size_of(g, x, 1), batch.lengths);
    mask = onnx::cast(g, onnx::unsqueeze(g, inside, {2}), onnx::Type::float32);
    x = onnx::mul(g, x, mask);
  }
  for (size_t i = 0; i < blocks_.size(); ++i) {
    const onnx::Graph::Part part(g, cat("block.", i));
    x = blocks_[i]->emit(g, x, options_.causal ? nullptr : &mask);
  }
  const onnx::Graph::Part part(g, "output");
  return range_->emit(g, models::emit(g, *output_, emit_answers(g, x, batch, late)));
}

}  // namespace kuchi::models
