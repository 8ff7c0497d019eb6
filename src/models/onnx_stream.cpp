#include "models/onnx_stream.h"

#include <algorithm>
#include <limits>
#include <stdexcept>

#include "core/text.h"
#include "onnx/ops.h"

namespace kuchi::models {
OnnxStates::State OnnxStates::take(onnx::Graph& g, std::string_view hint,
                                   std::vector<int64_t> sizes, onnx::Type type) {
  std::string name = g.part() + std::string(hint);
  std::replace(name.begin(), name.end(), '/', '.');
  Kept kept;
  kept.in = {"state_in_" + name, type, {"batch"}, "zero before the first chunk"};
  for (const int64_t size : sizes) kept.in.dims.emplace_back(size);
  kept.out = {"state_out_" + name, type, kept.in.dims, "for the next chunk"};
  kept_.push_back(kept);
  return {g.input(kept.in), kept_.size() - 1};
}

void OnnxStates::leave(const State& state, const onnx::Value& value) {
  auto& left = kept_.at(state.index).left;
  if (!left.name.empty()) throw std::logic_error("a state of an ONNX graph is left twice");
  left = value;
}

onnx::Value OnnxStates::with_past(onnx::Graph& g, std::string_view hint, const onnx::Value& x,
                                  int64_t rows, int64_t width) {
  if (rows == 0) return x;
  const auto past = take(g, hint, {rows, width});
  const auto all = onnx::concat(g, {past.value, x}, 1);
  leave(past, onnx::slice(g, all, g.integers({-rows}),
                          g.integers({std::numeric_limits<int64_t>::max()}), 1));
  return all;
}

onnx::Value OnnxStates::delayed(onnx::Graph& g, std::string_view hint, const onnx::Value& x,
                                int64_t rows, int64_t width) {
  if (rows == 0) return x;
  return rows_from(g, with_past(g, hint, x, rows, width), 0, x);
}

void OnnxStates::finish(onnx::Graph& g) const {
  for (const auto& kept : kept_) {
    if (kept.left.name.empty()) {
      throw std::logic_error(cat("onnx: nobody leaves the state ", kept.out.name));
    }
    g.output(kept.left, kept.out);
  }
}

std::vector<std::pair<onnx::Port, onnx::Port>> OnnxStates::ports() const {
  std::vector<std::pair<onnx::Port, onnx::Port>> out;
  for (const auto& kept : kept_) out.emplace_back(kept.in, kept.out);
  return out;
}

onnx::Value rows_from(onnx::Graph& g, const onnx::Value& x, int64_t begin,
                      const onnx::Value& like) {
  const auto frames = onnx::unsqueeze(g, onnx::size_of(g, like, 1), {0});
  const auto end = begin == 0 ? frames : onnx::add(g, frames, g.integers({begin}));
  return onnx::slice(g, x, g.integers({begin}), end, 1);
}

}  // namespace kuchi::models
