#include "train/loader_bench.h"

#include <chrono>
#include <thread>

#include "core/interrupt.h"
#include "core/log.h"
#include "train/loader.h"
#include "train/median.h"
#include "train/session.h"
#include "train/trainer.h"

namespace kuchi::train {

Session::LoaderEpoch Session::time_loader(int64_t epoch, int64_t workers, double step_s) {
  LoaderEpoch out;
  const double begin = monotonic_s();
  const auto plan = this->plan(epoch);
  Loader loader(0, static_cast<int64_t>(plan.batches.size()), workers, 2 * workers + 2,
                [&](int64_t i) { return make_batch(plan.batches[static_cast<size_t>(i)], epoch); });
  for (Batch batch; loader.next(batch);) {
    check_interrupt();
    ++out.batches;
    out.frames += batch.frames;
    out.padded += batch.valid.numel();
    if (step_s > 0) std::this_thread::sleep_for(std::chrono::duration<double>(step_s));
  }
  out.waited_s = loader.waited_s();
  out.seconds = monotonic_s() - begin;
  return out;
}

void measure_loader(Experiment& experiment, const Location& config_at, LoaderBench& bench) {
  const auto session = open_session(experiment, "", config_at);
  Progress progress("bench", static_cast<int64_t>(bench.workers.size()) * bench.epochs);
  int64_t done = 0;
  for (const auto workers : bench.workers) {
    std::vector<double> batches, frames, waiting;
    for (int64_t epoch = 0; epoch < bench.epochs; ++epoch) {
      const auto e = session->time_loader(epoch, workers, bench.step_ms / 1e3);
      batches.push_back(static_cast<double>(e.batches) / e.seconds);
      frames.push_back(static_cast<double>(e.frames) / e.seconds);
      waiting.push_back(e.waited_s / e.seconds);
      bench.batches = e.batches;
      bench.frames = e.frames;
      bench.padding = 1 - static_cast<double>(e.frames) / static_cast<double>(e.padded);
      progress.at(++done);
    }
    bench.rows.push_back({workers, median(batches), median(frames), median(waiting)});
  }
}

}  // namespace kuchi::train
