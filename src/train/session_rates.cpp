// A training that is not kept: what losses come at which rates.
#include "core/interrupt.h"
#include "train/loader.h"
#include "train/session.h"

namespace kuchi::train {

void Session::try_rates(const std::vector<double>& rates,
                        const std::function<bool(double, double)>& take) {
  size_t next = 0;
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
      descend(group, rates[next]);
      group.clear();
      const double loss = pending_loss_.item<double>() / static_cast<double>(state_.loss_frames);
      pending_loss_ = pending_norm_ = pending_terms_ = at::Tensor();
      state_.loss_frames = 0;
      if (!take(rates[next++], loss)) return;
    }
  }
}

}  // namespace kuchi::train
