#include "train/schedule.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace kuchi::train {

double learning_rate(const Options& o, int64_t step, int64_t total) {
  const auto warmup = std::llround(o.warmup * static_cast<double>(total));
  if (step < warmup) {
    return o.lr * static_cast<double>(step + 1) / static_cast<double>(warmup);
  }
  if (o.schedule == Schedule::constant) return o.lr;
  const auto span = static_cast<double>(std::max<int64_t>(1, total - 1 - warmup));
  const double share = std::min(1.0, static_cast<double>(step - warmup) / span);
  const double fall = 0.5 * (1 + std::cos(std::numbers::pi * share));
  return o.lr * (o.final_lr + (1 - o.final_lr) * fall);
}

}  // namespace kuchi::train
