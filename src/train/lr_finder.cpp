#include "train/lr_finder.h"

#include <algorithm>
#include <cmath>

#include "core/log.h"
#include "core/text.h"
#include "train/session.h"
#include "train/trainer.h"

namespace kuchi::train {
namespace {
constexpr double kDecay = 0.7;      // of the smooth loss
constexpr double kRunaway = 1.25;   // times the first loss
constexpr size_t kSettled = 5;      // points before which nothing is judged
constexpr double kBelowBest = 0.1;  // of the rate with the least loss
}  // namespace

std::vector<double> sweep_rates(const SweepOptions& o) {
  std::vector<double> out;
  for (int64_t i = 0; i < o.steps; ++i) {
    const double share =
        static_cast<double>(i) / static_cast<double>(std::max<int64_t>(1, o.steps - 1));
    out.push_back(o.from * std::pow(o.to / o.from, share));
  }
  return out;
}

bool SweepRecord::add(double lr, double loss) {
  auto& points = sweep_.points;
  if (!std::isfinite(loss)) {
    sweep_.ran_away = true;
    return false;
  }
  mean_ = kDecay * mean_ + (1 - kDecay) * loss;
  const double smooth = mean_ / (1 - std::pow(kDecay, static_cast<double>(points.size() + 1)));
  points.push_back({lr, loss, smooth});
  sweep_.ran_away = points.size() > kSettled && smooth > kRunaway * points[0].loss;
  return !sweep_.ran_away;
}

Sweep SweepRecord::finish() const {
  Sweep out = sweep_;
  const auto& p = out.points;
  if (p.size() <= kSettled + 1) return out;
  const auto least =
      std::min_element(p.begin() + kSettled, p.end(),
                       [](const auto& a, const auto& b) { return a.smooth < b.smooth; });
  if (least->smooth >= p[kSettled].smooth) return out;  // it never fell
  out.suggestion = kBelowBest * least->lr;
  double steepest = 0;
  for (auto i = p.begin() + kSettled; i + 1 <= least; ++i) {
    const double slope = ((i + 1)->smooth - i->smooth) / std::log((i + 1)->lr / i->lr);
    if (slope >= steepest) continue;
    steepest = slope;
    out.steepest = i->lr;
  }
  return out;
}

Sweep find_lr(Experiment& experiment, const SweepOptions& options, const Location& config_at) {
  auto session = open_session(experiment, "", config_at);
  if (!experiment.model.chosen().by_descent()) {
    fail_config(config_at, cat("model.head=", experiment.model.head,
                               " is solved, not descended to: it has no learning rate"));
  }
  SweepRecord record;
  const auto rates = sweep_rates(options);
  Progress progress("finding the rate", options.steps);
  session->try_rates(rates, [&](double lr, double loss) {
    progress.at(
        static_cast<int64_t>(std::lower_bound(rates.begin(), rates.end(), lr) - rates.begin()) + 1,
        cat("lr ", number(lr, 3), "  loss ", number(loss, 4)));
    return record.add(lr, loss);
  });
  return record.finish();
}

}  // namespace kuchi::train
