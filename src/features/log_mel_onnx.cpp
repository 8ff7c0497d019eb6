#include <cmath>
#include <numbers>
#include <vector>

#include "features/log_mel.h"
#include "features/onnx.h"
#include "onnx/ops.h"

namespace kuchi::features {
namespace {

constexpr int kBins = kFft / 2 + 1;
constexpr int kBlocks = (kWindowSamples + kHopSamples - 1) / kHopSamples;  // hops a window touches

/// Window and Fourier sum as one matrix, [hops · 160, 2 · 257]: cosines, then sines. A frame's
/// place among the 512 points turns phases only, which the power forgets.
std::vector<double> fourier() {
  const auto& window = hann_window();
  std::vector<double> out(static_cast<size_t>(kBlocks * kHopSamples) * 2 * kBins, 0.0);
  for (int i = 0; i < kWindowSamples; ++i) {
    double* row = out.data() + static_cast<size_t>(i) * 2 * kBins;
    for (int k = 0; k < kBins; ++k) {
      const double angle = 2 * std::numbers::pi * (i * k % kFft) / kFft;
      row[k] = window[static_cast<size_t>(i)] * std::cos(angle);
      row[kBins + k] = window[static_cast<size_t>(i)] * std::sin(angle);
    }
  }
  return out;
}

/// The filters under cosines and under sines, [2 · 257, 80]: bands straight from the squares.
std::vector<double> bands() {
  const auto& filters = mel_filters();
  std::vector<double> out(static_cast<size_t>(2 * kBins) * kMels);
  for (int k = 0; k < 2 * kBins; ++k) {
    for (int m = 0; m < kMels; ++m) {
      out[static_cast<size_t>(k) * kMels + static_cast<size_t>(m)] = filters(m, k % kBins);
    }
  }
  return out;
}

}  // namespace

onnx::Value emit_log_mel(onnx::Graph& g, const onnx::Value& audio) {
  using onnx::Type;
  const onnx::Graph::Part part(g, "log_mel");
  // Half a window of silence before, and after it as much as fills whole hops: frame k is then
  // hops k, k + 1, k + 2. samples = 160 (rows - 1) + rest.
  const auto samples = onnx::size_of(g, audio, 1);
  const auto hop = g.integer(kHopSamples);
  const auto whole = onnx::div(g, samples, hop);  // rows - 1
  const auto rest = onnx::sub(g, samples, onnx::mul(g, whole, hop));
  const int64_t before = kWindowSamples / 2;
  const auto after = onnx::sub(g, g.integer(kBlocks * kHopSamples - before), rest);
  const auto padded = onnx::pad_last(g, audio, 2, before, onnx::unsqueeze(g, after, {0}));
  const auto hops = onnx::reshape(g, padded, {0, -1, kHopSamples});  // [batch, rows + 2, 160]
  const auto rows = onnx::unsqueeze(g, onnx::add(g, whole, g.integer(1)), {0});
  std::vector<onnx::Value> blocks;
  for (int64_t i = 0; i < kBlocks; ++i) {
    blocks.push_back(onnx::slice(g, hops, g.integers({i}), onnx::add(g, rows, g.integers({i})), 1));
  }
  const auto frames = onnx::cast(g, onnx::concat(g, blocks, 2), Type::float64);
  const auto sums =
      onnx::matmul(g, frames, g.constant("fourier", fourier(), {kBlocks * kHopSamples, 2 * kBins}));
  const auto power =
      onnx::matmul(g, onnx::mul(g, sums, sums), g.constant("mel", bands(), {2 * kBins, kMels}));
  const auto lifted = onnx::add(g, power, g.number(kLogFloor, Type::float64));
  return onnx::log(g, onnx::cast(g, lifted, Type::float32));
}

}  // namespace kuchi::features
