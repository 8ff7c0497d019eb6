#include <iostream>
#include <memory>

#include "cli/common.h"
#include "cli/runs.h"
#include "core/text.h"
#include "report/suite_tables.h"
#include "train/evaluate_run.h"

namespace kuchi::cli {
namespace {

nlohmann::ordered_json probe_json(const std::vector<synth::ProbeScore>& scores) {
  nlohmann::ordered_json out;
  for (const auto& s : scores) {
    out[cat("distance_", s.distance)] = {{"share", s.share}, {"pairs", s.pairs}};
  }
  return out;
}

/// Each run alone, or all as one.
std::vector<std::vector<std::filesystem::path>> to_judge(const std::vector<std::string>& runs,
                                                         bool ensemble) {
  if (ensemble) {
    check_ensemble(runs, ensemble);
    return {{runs.begin(), runs.end()}};
  }
  std::vector<std::vector<std::filesystem::path>> alone;
  for (const auto& run : runs) alone.push_back({run});
  return alone;
}

}  // namespace

void add_eval(CLI::App& app, Context& context) {
  struct EvalArgs {
    std::vector<std::string> runs;
    bool ensemble = false;
    train::EvaluateOptions options;
    bool probe = false;
    int64_t probe_pairs = 40;
    JsonOption json;
  };
  auto args = std::make_shared<EvalArgs>();
  auto* verb = app.add_subcommand("eval", "judges a trained model: the metric suite, by curve");
  verb->add_option("RUN", args->runs, "folder of a run; several are set side by side")->required();
  verb->add_option("--store", args->options.store, "another store than the run's own");
  verb->add_option("--split", args->options.split, "which part (default: eval.split of the run)")
      ->check(CLI::IsMember({"test", "valid", "train", "all"}));
  verb->add_option("--checkpoint", args->options.checkpoint, "best, last or a step")
      ->capture_default_str();
  verb->add_option("--device", args->options.device, "auto, cpu, cuda or cuda:N")
      ->capture_default_str();
  add_encoders(*verb, args->options.encoders);
  verb->add_flag("--ensemble", args->ensemble, "judge the runs as one: the mean of their curves");
  verb->add_flag("--probe", args->probe,
                 "the context probe too: the share of minimal pairs whose lips are right");
  verb->add_option("--probe-pairs", args->probe_pairs, "pairs a distance")
      ->check(CLI::Range(1, 10000))
      ->capture_default_str();
  args->json.add(*verb);
  example(*verb,
          "kuchi eval runs/a --split test --json metrics.json\n"
          "  kuchi eval runs/mean runs/linear runs/bilstm --probe\n"
          "  kuchi eval runs/a runs/b --ensemble");
  verb->callback([args, &context] {
    refuse_overrides(context, "eval");
    args->json.check();
    std::vector<eval::Suite> suites;
    nlohmann::ordered_json all = nlohmann::ordered_json::array();
    for (const auto& runs : to_judge(args->runs, args->ensemble)) {
      const auto judging = train::open_judging(runs, args->options);
      suites.push_back(train::measure(judging, train::predict(judging)));
      auto json = eval::to_json(suites.back());
      if (args->probe) {
        const auto scores = train::probe(judging.models, args->probe_pairs);
        for (const auto& s : scores) {
          suites.back().metrics.set(cat("probe_", s.distance), {s.share, {}, {}});
        }
        json["probe"] = probe_json(scores);
      }
      all.push_back(std::move(json));
    }
    args->json.write(suites.size() == 1 ? all[0] : all);
    if (args->json.on_stdout()) return;
    if (suites.size() > 1) {
      report::print_comparison(std::cout, suites);
    } else {
      report::print_curves(std::cout, suites[0]);
      std::cout << "\n";
      report::print_metrics(std::cout, suites[0]);
    }
    std::cout << std::flush;
  });
}

}  // namespace kuchi::cli
