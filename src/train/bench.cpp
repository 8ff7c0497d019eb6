#include "train/bench.h"

#include <ATen/ATen.h>
#include <torch/utils.h>

#include <algorithm>
#include <numeric>

#include "core/interrupt.h"
#include "core/log.h"
#include "core/text.h"
#include "models/model.h"
#include "train/loss.h"
#include "train/median.h"
#include "train/optimizer.h"
#include "train/precision.h"

namespace kuchi::train {
namespace {

constexpr int64_t kCurves = 52;

std::shared_ptr<models::Model> reference_model(int64_t dim) {
  models::Options options;  // the reference BiLSTM is what a configuration starts from
  models::Card card{options.head, {}, {}};
  card.features.kind = "encoder";  // whose width is free
  card.features.stack = 1;
  card.features.facts = {"none", "none", dim, 1, 0.02, 0.0125};
  for (int64_t c = 0; c < kCurves; ++c) {
    curves::Curve curve;
    curve.name = cat("curve", c);
    card.rig.curves.push_back(curve);
  }
  torch::manual_seed(0);
  auto model = std::make_shared<models::Model>(options.chosen(), card);
  model->set_statistics(
      {at::zeros({dim}), at::ones({dim}), at::full({kCurves}, 0.5), at::ones({kCurves})});
  return model;
}

Batch random_batch(const StepBench& bench, const std::vector<int64_t>& lengths) {
  std::vector<Sample> samples;
  const at::Tensor noise = at::randn({1 << 16});
  const auto* values = noise.const_data_ptr<float>();
  for (const auto frames : lengths) {
    Sample s{Matrix(frames, bench.dim), Matrix(frames, kCurves)};
    size_t i = 0;
    for (auto& v : s.features.data) v = values[i++ & 0xffff];
    for (auto& v : s.targets.data) v = std::clamp(0.5F + 0.1F * values[i++ & 0xffff], 0.0F, 1.0F);
    samples.push_back(std::move(s));
  }
  return collate(samples);
}

/// Products of a step: forward once, backward twice, but no gradient of the features. Every matrix
/// of the BiLSTM meets every frame once.
double operations(const models::Model& model, int64_t frames) {
  double weights = 0, first = 0;
  for (const auto& item : model.named_parameters()) {
    if (item.value().dim() != 2) continue;
    const auto n = static_cast<double>(item.value().numel());
    if (first == 0) first = n;
    weights += n;
  }
  return 2 * static_cast<double>(frames) * (3 * weights - first);
}

}  // namespace

void measure_step(StepBench& bench) {
  const auto lengths = bench.lengths.empty()
                           ? std::vector<int64_t>(static_cast<size_t>(bench.batch), bench.frames)
                           : bench.lengths;
  const auto model = reference_model(bench.dim);
  model->train();
  Options options;
  Optimizer optimizer(*model, options, {"bench"});
  const Loss loss({}, model->card().rig, 30, {"bench"});
  const auto batch = random_batch(bench, lengths);
  std::vector<double> whole, forward, backward, update;
  for (int64_t step = 0; step <= bench.steps; ++step) {
    check_interrupt();
    const double start = monotonic_s();
    optimizer.zero_grad();
    const auto curves = [&] {
      const auto narrow = autocast(bench.precision, at::kCPU);
      return model->forward(batch.features, batch.lengths);
    }();
    const auto value = loss(curves, batch, batch, /*share=*/0).total;
    const double forward_end = monotonic_s();
    value.backward();
    const double backward_end = monotonic_s();
    optimizer.clip(options.grad_clip);
    optimizer.step(options.lr);
    bench.loss = value.item<double>();
    const double end = monotonic_s();
    if (step == 0) continue;
    whole.push_back(1e3 * (end - start));
    forward.push_back(1e3 * (forward_end - start));
    backward.push_back(1e3 * (backward_end - forward_end));
    update.push_back(1e3 * (end - backward_end));
  }
  bench.median_ms = median(whole);
  bench.forward_ms = median(forward);
  bench.backward_ms = median(backward);
  bench.update_ms = median(update);
  bench.parameters = model->parameter_count();
  bench.operations = operations(*model, batch.frames);
  bench.padding = 1 - static_cast<double>(batch.frames) / static_cast<double>(batch.valid.numel());
}

}  // namespace kuchi::train
