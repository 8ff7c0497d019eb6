#include "cli/bench_live.h"

#include <ATen/Parallel.h>

#include <iostream>

#include "core/text.h"
#include "models/live.h"
#include "models/live_bench.h"
#include "report/table.h"
#include "train/run.h"

namespace kuchi::cli {

void bench_live(const std::string& run, int64_t frames, const std::string& precision,
                const JsonOption& json) {
  at::set_num_threads(1);
  const auto model =
      run.empty() ? models::full_size_lstm() : train::load_trained(run, "best", "cpu").model;
  const auto times = models::measure_live(*model, frames, models::live_weights(precision));
  const auto& card = model->card();
  const auto delay = models::delay(model->head(), card.features, card.fps);
  json.write({{"live",
               {{"head", card.head},
                {"p50_ms", times.p50_ms},
                {"p99_ms", times.p99_ms},
                {"max_ms", times.max_ms},
                {"frames", times.frames},
                {"fps", card.fps},
                {"lookahead_frames", delay->lookahead_frames},
                {"delay_ms", 1000 * delay->known_s},
                {"parameters", model->parameter_count()},
                {"precision", precision},
                {"threads", 1}}}});
  if (json.on_stdout()) return;
  report::Table table;
  table.add_column("a frame, live", report::Align::left);
  for (const auto* name : {"p50 ms", "p99 ms", "most ms"}) table.add_column(name);
  table.add_row({run.empty() ? "lstm at its full size" : run, report::fixed(times.p50_ms, 2),
                 report::fixed(times.p99_ms, 2), report::fixed(times.max_ms, 2)});
  table.print(std::cout);
  std::cout << times.frames << " frames, " << precision << ", 1 thread, "
            << model->parameter_count() << " parameters, out " << number(1000 * delay->known_s, 4)
            << " ms after the sound" << std::endl;
}

}  // namespace kuchi::cli
