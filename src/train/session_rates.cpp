// A training that is not kept: what losses come at which rates.
#include <ATen/ATen.h>

#include "core/interrupt.h"
#include "train/loader.h"
#include "train/session.h"

namespace kuchi::train {

namespace {
constexpr int64_t kProbe = 4;  // batches whose loss is watched
}

double Session::loss_of(const std::vector<Batch>& batches) {
  const at::NoGradGuard no_grad;
  Counts counts;
  for (const auto& b : batches) counts += b;
  double sum = 0;
  model_->eval();
  for (const auto& b : batches) {
    const auto batch = b.to(device_);
    sum += loss_(answer(*model_, batch), batch, counts, /*share=*/1).total.item<double>();
  }
  model_->train();
  return sum;
}

void Session::try_rates(const std::vector<double>& rates,
                        const std::function<bool(double, double)>& take) {
  size_t next = 0;
  std::vector<Batch> probe;
  const auto first = this->plan(0).batches;
  for (size_t i = 0; i < first.size() && i < kProbe; ++i) probe.push_back(make_batch(first[i], 0));
  model_->train();
  for (int64_t epoch = 0; next < rates.size(); ++epoch) {
    const auto plan = this->plan(epoch);
    const auto count = static_cast<int64_t>(plan.batches.size());
    Loader loader(
        0, count, options_.loader_threads, 2 * options_.loader_threads + 2,
        [&](int64_t i) { return make_batch(plan.batches[static_cast<size_t>(i)], epoch); });
    std::vector<Batch> group;
    Batch batch;
    for (int64_t i = 0; next < rates.size() && loader.next(batch); ++i) {
      group.push_back(std::move(batch));
      if (static_cast<int64_t>(group.size()) < options_.grad_accumulation && i + 1 < count) {
        continue;
      }
      check_interrupt();
      descend(group);  // made whatever it came to: where it runs away is the question
      optimizer_->step(rates[next]);
      ++state_.step;
      group.clear();
      const double lr = rates[next++];
      if (!take(lr, loss_of(probe))) return;
    }
  }
}

}  // namespace kuchi::train
