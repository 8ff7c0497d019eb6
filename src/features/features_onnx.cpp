#include "features/at_times.h"
#include "features/log_mel.h"
#include "features/onnx.h"
#include "onnx/ops.h"

namespace kuchi::features {

onnx::Value emit_frame_count(onnx::Graph& g, const onnx::Value& samples, double fps) {
  using onnx::Type;
  const auto whole = static_cast<int64_t>(fps);
  if (static_cast<double>(whole) == fps) {
    return onnx::div(g, onnx::mul(g, samples, g.integer(whole)), g.integer(audio::kRate));
  }
  const auto product =
      onnx::mul(g, onnx::cast(g, samples, Type::float64), g.number(fps, Type::float64));
  const auto frames = onnx::div(g, product, g.number(audio::kRate, Type::float64));
  return onnx::cast(g, onnx::floor(g, onnx::add(g, frames, g.number(kWholeWithin, Type::float64))),
                    Type::int64);
}

OnnxFeatures emit(onnx::Graph& g, const Options& options, double fps, const onnx::Value& audio,
                  const onnx::Value& lengths) {
  using onnx::Type;
  const onnx::Graph::Part part(g, "features");
  // What a batch was padded with is not heard.
  const auto valid = onnx::within(g, onnx::size_of(g, audio, 1), lengths);  // [batch, samples]
  const auto heard = onnx::where(g, valid, audio, g.number(0, Type::float32));
  const auto last = onnx::div(g, lengths, g.integer(kHopSamples));
  const auto frames = emit_frame_count(g, onnx::size_of(g, audio, 1), fps);
  const OnnxRows rows{emit_log_mel(g, heard), last, kMels, kHop_s};
  return {emit_at_times(g, rows, fps, frames, options.stack, kSpacing_s),
          emit_frame_count(g, lengths, fps)};
}

}  // namespace kuchi::features
