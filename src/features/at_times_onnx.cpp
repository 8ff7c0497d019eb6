#include <vector>

#include "features/at_times.h"
#include "features/onnx.h"
#include "onnx/ops.h"

namespace kuchi::features {

onnx::Value emit_at_times(onnx::Graph& g, const OnnxRows& rows, double fps,
                          const onnx::Value& frames, int64_t stack, double spacing_s) {
  const auto j = onnx::unsqueeze(g, onnx::range(g, frames), {0});
  return emit_at_frames(g, rows, fps, j, {}, stack, spacing_s);
}

onnx::Value emit_at_frames(onnx::Graph& g, const OnnxRows& rows, double fps, const onnx::Value& j,
                           const onnx::Value& first_row, int64_t stack, double spacing_s) {
  using onnx::Type;
  const onnx::Graph::Part part(g, "at_times");
  std::vector<double> offsets;
  for (int64_t i = 0; i < stack; ++i) {
    offsets.push_back(spacing_s * (static_cast<double>(i) - static_cast<double>(stack - 1) / 2));
  }
  // Positions on the rows' clock, in double and step by step as at_times() takes them, so that
  // floor() falls on the same side: [1 or batch, frames, stack], then cut to each clip's rows.
  const auto real = onnx::cast(g, j, Type::float64);
  const auto times = onnx::unsqueeze(g, onnx::div(g, real, g.number(fps, Type::float64)), {2});
  const auto t = onnx::add(g, times, g.constant("offsets", offsets, {1, stack}));
  const auto from_first =
      rows.first_s == 0 ? t : onnx::sub(g, t, g.number(rows.first_s, Type::float64));
  const auto anywhere = onnx::maximum(
      g, onnx::div(g, from_first, g.number(rows.hop_s, Type::float64)), g.number(0, Type::float64));
  const auto last = onnx::unsqueeze(g, rows.last, {1, 2});  // [batch, 1, 1]
  const auto position = onnx::minimum(g, anywhere, onnx::cast(g, last, Type::float64));
  const auto floor = onnx::floor(g, position);  // [batch, frames, stack]
  const auto below = onnx::cast(g, floor, Type::int64);
  const auto above = onnx::minimum(g, onnx::add(g, below, g.integer(1)), last);
  const auto weight =
      onnx::unsqueeze(g, onnx::cast(g, onnx::sub(g, position, floor), Type::float32), {3});

  // Row r of clip b is row b · n + r of all.
  const auto all = onnx::reshape(g, rows.rows, {-1, rows.dim});
  const auto n = onnx::size_of(g, rows.rows, 1);
  const auto first = onnx::mul(g, onnx::range(g, onnx::size_of(g, rows.rows, 0)), n);  // [batch]
  const auto shift = onnx::unsqueeze(g, first, {1, 2});
  const auto row = [&](const onnx::Value& of_clip) {
    if (first_row.name.empty()) return onnx::add(g, of_clip, shift);
    const auto here = onnx::sub(g, of_clip, onnx::unsqueeze(g, first_row, {1, 2}));
    return onnx::add(g, onnx::maximum(g, here, g.integer(0)), shift);
  };
  const auto a = onnx::gather(g, all, row(below), 0);
  const auto b = onnx::gather(g, all, row(above), 0);
  const auto between = onnx::add(g, a, onnx::mul(g, weight, onnx::sub(g, b, a)));
  return onnx::reshape(g, between, {0, 0, stack * rows.dim});  // neighbours side by side
}

}  // namespace kuchi::features
