#include "train/schedule.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace kuchi::train {
namespace {

constexpr double kOneCycleStart = 1.0 / 25;  // of lr

/// From a to b along half a cosine.
double half_cosine(double a, double b, double share) {
  return b + (a - b) * 0.5 * (1 + std::cos(std::numbers::pi * std::clamp(share, 0.0, 1.0)));
}

double warm_up(const Options& o, int64_t step, int64_t warmup) {
  if (o.schedule == Schedule::one_cycle && warmup > 1) {
    const double share = static_cast<double>(step) / static_cast<double>(warmup - 1);
    return half_cosine(kOneCycleStart, 1, share);
  }
  return static_cast<double>(step + 1) / static_cast<double>(warmup);
}

}  // namespace

double learning_rate(const Options& o, int64_t step, int64_t total) {
  const auto warmup = std::llround(o.warmup * static_cast<double>(total));
  if (step < warmup) return o.lr * warm_up(o, step, warmup);
  // The peak of a cycle is the warm-up's last step; the others begin to fall after one more.
  const auto peak = o.schedule == Schedule::one_cycle ? std::max<int64_t>(warmup - 1, 0) : warmup;
  const auto span = static_cast<double>(std::max<int64_t>(1, total - 1 - peak));
  const double share = std::min(1.0, static_cast<double>(step - peak) / span);
  switch (o.schedule) {
    case Schedule::constant:
    case Schedule::plateau:
      return o.lr;
    case Schedule::linear:
      return o.lr * (1 + (o.final_lr - 1) * share);
    case Schedule::cosine:
    case Schedule::one_cycle:
      return o.lr * half_cosine(1, o.final_lr, share);
    case Schedule::inverse_sqrt:
      return o.lr * std::sqrt(static_cast<double>(std::max<int64_t>(warmup, 1)) /
                              static_cast<double>(step + 1));
  }
  return o.lr;
}

void watch(Plateau& plateau, const Options& options, bool better) {
  plateau.epochs = better ? 0 : plateau.epochs + 1;
  if (plateau.epochs < options.plateau_patience) return;
  plateau.scale = std::max(plateau.scale * options.plateau_factor, options.final_lr);
  plateau.epochs = 0;
}

}  // namespace kuchi::train
