#include "models/attention_bench.h"

#include <ATen/ATen.h>
#include <malloc.h>
#include <torch/utils.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <functional>
#include <string>
#include <vector>

#include "core/interrupt.h"
#include "models/attention.h"

namespace kuchi::models {
namespace {

struct BenchInputs {
  at::Tensor q, k, v, share;
};

struct BenchResult {
  at::Tensor out, dq, dk, dv;
};

BenchResult run(const BenchInputs& in, const std::function<at::Tensor()>& attend) {
  for (const auto& x : {in.q, in.k, in.v}) x.mutable_grad() = at::Tensor();
  const auto out = attend();
  out.backward(in.share);
  return {out.detach(), in.q.grad(), in.k.grad(), in.v.grad()};
}

double apart(const BenchResult& a, const BenchResult& b) {
  double most = 0;
  for (const auto& [x, y] : {std::pair{a.out, b.out}, {a.dq, b.dq}, {a.dk, b.dk}, {a.dv, b.dv}}) {
    most = std::max(most, (x - y).abs().max().item<double>());
  }
  return most;
}

double timed_ms(const BenchInputs& in, const std::function<at::Tensor()>& attend) {
  const auto begin = std::chrono::steady_clock::now();
  run(in, attend);
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin)
      .count();
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

/// A field of Linux's account of this process, in bytes; 0 where there is none.
double memory(const std::string& field) {
  std::ifstream in("/proc/self/status");
  for (std::string line; std::getline(in, line);) {
    if (line.rfind(field + ":", 0) == 0) return std::stod(line.substr(field.size() + 1)) * 1024;
  }
  return 0;
}

double peak_of(const std::function<void()>& work) {
  ::malloc_trim(0);  // what was freed does not count as there
  std::ofstream reset("/proc/self/clear_refs");
  reset << "5";  // the peak is counted anew
  if (!reset.flush()) return 0;
  const double before = memory("VmRSS");
  work();
  return std::max(0.0, memory("VmHWM") - before);
}

}  // namespace

void measure_attention(AttentionBench& bench) {
  torch::manual_seed(0);
  const std::vector<int64_t> shape = {bench.frames, bench.heads, bench.width / bench.heads};
  const BenchInputs in{at::randn(shape).requires_grad_(), at::randn(shape).requires_grad_(),
                       at::randn(shape).requires_grad_(), at::randn({bench.frames, bench.width})};
  const auto rows = clip_rows(at::tensor({bench.frames}, at::kLong), bench.frames);
  const Reach reach{bench.reach, bench.reach};
  const auto band = [&] { return Attending(rows, reach, {}, at::kFloat)(in.q, in.k, in.v, 0); };
  const auto at_ = at::arange(bench.frames, at::kLong);
  const auto mask = reach_mask(at_.unsqueeze(0) - at_.unsqueeze(1), reach, {}, at::kFloat)
                        .unsqueeze(0)
                        .unsqueeze(0);  // [1, 1, frames, frames]
  const auto masked = [&] {
    const auto by_head = [](const at::Tensor& x) { return x.transpose(0, 1).unsqueeze(0); };
    const auto heard =
        at::scaled_dot_product_attention(by_head(in.q), by_head(in.k), by_head(in.v), mask);
    return heard[0].transpose(0, 1).reshape({bench.frames, bench.width});
  };
  run(in, band);  // what is made once
  bench.band_bytes = peak_of([&] { run(in, band); });
  bench.difference = apart(run(in, band), run(in, masked));
  std::vector<double> ours, theirs;
  for (int64_t i = 0; i < bench.steps; ++i) {
    check_interrupt();
    ours.push_back(timed_ms(in, band));
    theirs.push_back(timed_ms(in, masked));
  }
  bench.band_ms = median(ours);
  bench.masked_ms = median(theirs);
}

}  // namespace kuchi::models
