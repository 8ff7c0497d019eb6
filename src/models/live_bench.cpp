#include "models/live_bench.h"

#include <torch/utils.h>

#include <algorithm>
#include <cmath>

#include "core/interrupt.h"
#include "core/log.h"
#include "core/random.h"
#include "core/text.h"
#include "models/live.h"
#include "models/lstm_head.h"

namespace kuchi::models {

std::shared_ptr<Model> full_size_lstm() {
  Card card;
  card.head = "lstm";
  for (int64_t c = 0; c < 52; ++c) {
    curves::Curve curve;
    curve.name = cat("curve", c);
    card.rig.curves.push_back(curve);
  }
  torch::manual_seed(0);
  auto model = std::make_shared<Model>(LstmKind(), card);
  model->eval();
  return model;
}

LiveTimes measure_live(Model& model, int64_t frames, LiveWeights weights) {
  constexpr int64_t kWarm = 30;  // the first frames owe the look-ahead, and fill the caches
  Live live(model, "bench live", {}, weights);
  kuchi::Stream random(1, "live bench");
  const double samples_a_frame = audio::kRate / model.card().fps;
  std::vector<double> times;
  std::vector<float> piece;
  for (int64_t j = 0; j < kWarm + frames; ++j) {
    check_interrupt();
    const auto end = std::ceil(static_cast<double>(j + 1) * samples_a_frame);
    piece.resize(static_cast<size_t>(end - std::ceil(static_cast<double>(j) * samples_a_frame)));
    for (auto& x : piece) x = static_cast<float>(random.uniform(-0.1, 0.1));
    const double start = monotonic_s();
    live.push(piece);
    if (j >= kWarm) times.push_back(1e3 * (monotonic_s() - start));
  }
  std::sort(times.begin(), times.end());
  const auto at = [&](double share) {
    return times[static_cast<size_t>(share * static_cast<double>(times.size() - 1))];
  };
  return {at(0.5), at(0.99), times.back(), frames};
}

}  // namespace kuchi::models
