#include "encoders/bench.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

#include "core/interrupt.h"
#include "core/log.h"
#include "core/random.h"
#include "encoders/packed.h"

namespace kuchi::encoders {
namespace {

double median_s(int64_t repeats, const std::function<void()>& work) {
  work();
  std::vector<double> times;
  for (int64_t i = 0; i < repeats; ++i) {
    check_interrupt();
    const double start = monotonic_s();
    work();
    times.push_back(monotonic_s() - start);
  }
  std::sort(times.begin(), times.end());
  return times[times.size() / 2];
}

std::vector<at::Tensor> noise(const BenchCase& one) {
  std::vector<at::Tensor> clips;
  for (const double s : one.seconds) {
    clips.push_back(at::randn({static_cast<int64_t>(s * 16000)}));
  }
  return clips;
}

}  // namespace

double operations(const EncoderConfig& c, int64_t samples) {
  double sum = 0;
  int64_t n = samples, in = 1;
  for (size_t i = 0; i < c.conv_dim.size(); ++i) {
    n = n < c.conv_kernel[i] ? 0 : (n - c.conv_kernel[i]) / c.conv_stride[i] + 1;
    sum += 2.0 * static_cast<double>(n) * static_cast<double>(in * c.conv_kernel[i]) *
           static_cast<double>(c.conv_dim[i]);
    in = c.conv_dim[i];
  }
  const auto frames = static_cast<double>(n), hidden = static_cast<double>(c.hidden);
  sum += 2 * frames * static_cast<double>(in) * hidden;
  sum += 2 * frames * hidden * hidden / static_cast<double>(c.position_groups) *
         static_cast<double>(c.position_kernel * c.position_layers);
  const double linear = 4 * hidden * hidden + 2 * hidden * static_cast<double>(c.intermediate);
  const double attention = 2 * frames * hidden;  // a frame: scores, and weights times values
  return sum + 2 * frames * static_cast<double>(c.layers) * (linear + attention);
}

double product_peak(const EncoderConfig& c, bool bfloat16, int64_t repeats) {
  const auto type = bfloat16 ? at::kBFloat16 : at::kFloat;
  const int64_t shapes[][3] = {{512, c.hidden, c.intermediate},
                               {512, c.intermediate, c.hidden},
                               {1600, 3 * c.conv_dim.back(), c.conv_dim.back()}};
  double best = 0;
  for (const auto& [rows, in, out] : shapes) {
    const auto x = at::randn({rows, in}).to(type), w = at::randn({out, in});
    const auto packed = can_pack(w) ? pack(w, at::Tensor(), type) : nullptr;
    const auto plain = w.to(type);
    const double seconds = median_s(repeats, [&] { packed ? (*packed)(x) : at::linear(x, plain); });
    best = std::max(best, 2.0 * static_cast<double>(rows * in * out) / seconds);
  }
  return best;
}

double BenchCase::audio_s() const { return std::accumulate(seconds.begin(), seconds.end(), 0.0); }

void measure(Encoder& encoder, BenchCase& one, int64_t repeats) {
  const at::NoGradGuard no_grad;
  const auto clips = noise(one);
  one.operations = 0;
  for (const auto& clip : clips) one.operations += operations(encoder.config(), clip.size(0));
  one.median_ms = 1e3 * median_s(repeats, [&] { encoder.forward(clips, {}); });
}

WindowedCase measure_windowed(Encoder& encoder, const BenchCase& whole, const Windows& windows,
                              int64_t repeats) {
  const at::NoGradGuard no_grad;
  WindowedCase out;
  out.timed = whole;
  const auto clips = noise(whole);
  double squares = 0, all = 0;
  out.timed.median_ms = 1e3 * median_s(repeats, [&] {
                          for (const auto& clip : clips)
                            forward_windowed(encoder, clip, {}, windows);
                        });
  for (const auto& clip : clips) {
    const auto exact = encoder.forward({clip}, {}).last;
    const auto off = forward_windowed(encoder, clip, {}, windows).last - exact;
    out.largest = std::max(out.largest, off.abs().max().item<double>());
    squares += off.square().sum().item<double>();
    all += exact.square().sum().item<double>();
  }
  out.relative = std::sqrt(squares / all);
  return out;
}

std::vector<double> mixed_lengths() {
  Stream stream(5, "bench.mixed", 0, 0);
  std::vector<double> lengths;
  for (int i = 0; i < 16; ++i) lengths.push_back(2 + 13 * stream.uniform());
  return lengths;
}

}  // namespace kuchi::encoders
