#include "cli/bench_loader.h"

#include <iostream>

#include "core/error.h"
#include "core/text.h"
#include "report/table.h"

namespace kuchi::cli {

void bench_loader(const std::string& config, const std::vector<std::string>& overrides,
                  train::LoaderBench bench, const JsonOption& json) {
  if (config.empty()) {
    throw UserError(Exit::config,
                    "command line: kuchi bench loader needs a CONFIG, as kuchi train does");
  }
  train::Experiment experiment;
  train::load(experiment, config, overrides);
  train::measure_loader(experiment, {config}, bench);
  nlohmann::ordered_json rows = nlohmann::ordered_json::array();
  for (const auto& row : bench.rows) {
    rows.push_back({{"workers", row.workers},
                    {"batches_per_s", row.batches_per_s},
                    {"frames_per_s", row.frames_per_s},
                    {"waiting", row.waiting}});
  }
  json.write({{"loader",
               {{"batches", bench.batches},
                {"frames", bench.frames},
                {"padding", bench.padding},
                {"step_ms", bench.step_ms},
                {"epochs", bench.epochs},
                {"workers", rows}}}});
  if (json.on_stdout()) return;
  report::Table table;
  for (const auto* name : {"workers", "batches/s", "frames/s", "waiting"}) table.add_column(name);
  for (const auto& row : bench.rows) {
    table.add_row({cat(row.workers), number(row.batches_per_s, 4), number(row.frames_per_s, 4),
                   report::fixed(100 * row.waiting, 1) + " %"});
  }
  table.print(std::cout);
  std::cout << bench.batches << " batches of " << bench.frames << " frames an epoch, padding "
            << number(100 * bench.padding, 2) << " %, "
            << (bench.step_ms > 0 ? cat("a step of ", number(bench.step_ms), " ms after each")
                                  : std::string("taken as they come"))
            << "; medians of " << bench.epochs << " epochs" << std::endl;
}

}  // namespace kuchi::cli
