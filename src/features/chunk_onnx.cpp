#include <cmath>
#include <numeric>

#include "features/at_times.h"
#include "features/log_mel.h"
#include "features/onnx.h"
#include "onnx/ops.h"

namespace kuchi::features {

std::optional<SoundUnit> sound_unit(const Options& options, double fps) {
  const auto whole = static_cast<int64_t>(fps);
  if (options.is_encoder() || static_cast<double>(whole) != fps) return std::nullopt;
  // The least time that is whole frames, whole samples and whole hops.
  const int64_t samples = std::lcm(audio::kRate / std::gcd<int64_t>(audio::kRate, whole),
                                   static_cast<int64_t>(kHopSamples));
  const SoundUnit unit{samples, samples * whole / audio::kRate};
  // The last frame's last neighbour lies between two rows, of which the later must be whole.
  const double last_s = static_cast<double>(unit.frames - 1) / fps +
                        kSpacing_s * static_cast<double>(options.stack - 1) / 2;
  const auto row = static_cast<int64_t>(std::ceil(last_s / kHop_s - kWholeWithin));
  const auto first_s = kSpacing_s * static_cast<double>(options.stack - 1) / 2;
  const auto before = static_cast<int64_t>(std::ceil(first_s / kHop_s)) * kHopSamples;
  if (row * kHopSamples + kWindowSamples / 2 > unit.samples) return std::nullopt;
  if (before + kWindowSamples / 2 > OnnxSound::kPast || unit.samples > audio::kRate) {
    return std::nullopt;
  }
  return unit;
}

OnnxFeatures emit_chunk(onnx::Graph& g, const Options& options, double fps,
                        const OnnxSound& sound) {
  const onnx::Graph::Part part(g, "features");
  const auto unit = sound_unit(options, fps).value();
  const auto hop = g.integer(kHopSamples);
  const auto given = onnx::sub(g, onnx::size_of(g, sound.samples, 1), g.integer(OnnxSound::kPast));
  const auto units = [&](const onnx::Value& samples) {  // as frames
    return onnx::mul(g, onnx::div(g, samples, g.integer(unit.samples)), g.integer(unit.frames));
  };
  const auto frames = units(given), begin = units(sound.before);  // [], [batch]
  const auto j = onnx::add(g, onnx::unsqueeze(g, begin, {1}), onnx::range(g, frames));
  const auto first_row =
      onnx::sub(g, onnx::div(g, sound.before, hop), g.integer(OnnxSound::kPast / kHopSamples));
  const OnnxRows rows{emit_log_mel(g, sound.samples), onnx::div(g, sound.total, hop), kMels,
                      kHop_s};
  const auto known = onnx::sub(g, emit_frame_count(g, sound.total, fps), begin);
  const auto lengths = onnx::maximum(g, onnx::minimum(g, known, frames), g.integer(0));
  return {emit_at_frames(g, rows, fps, j, first_row, options.stack, kSpacing_s), lengths};
}

}  // namespace kuchi::features
