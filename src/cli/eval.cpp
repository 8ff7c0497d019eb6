#include <iostream>
#include <memory>

#include "cli/common.h"
#include "cli/post_option.h"
#include "cli/runs.h"
#include "core/text.h"
#include "report/phone_tables.h"
#include "report/suite_tables.h"
#include "train/evaluate_run.h"
#include "train/judge_phones.h"

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
    PostOption post;
    bool phones = false;
    train::PhoneLabels labels;
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
  verb->add_flag(
      "--phones", args->phones,
      "phone by phone too: lips closed, rounded …, and which phones need more recordings");
  verb->add_option(
      "--phones-from", args->labels.from,
      "recipe or folder with the clips' TextGrids or SRTs (default: the run's own data)");
  verb->add_option("--tier", args->labels.tier, "of the TextGrids")->capture_default_str();
  add_vertices(*verb, args->options.vertex_basis, args->options.vertex_unit);
  args->post.add(*verb);
  args->json.add(*verb);
  example(*verb,
          "kuchi eval runs/a --split test --json metrics.json\n"
          "  kuchi eval runs/mean runs/linear runs/bilstm --probe\n"
          "  kuchi eval runs/a runs/b --ensemble\n"
          "  kuchi eval runs/a --phones --json metrics.json\n"
          "  kuchi eval runs/a --vertex-basis face.npy --post smooth=one_euro");
  verb->callback([args, &context] {
    refuse_overrides(context, "eval");
    args->json.check();
    args->options.post = [&](const post::Options& own) { return args->post.over(own); };
    std::vector<eval::Suite> suites;
    std::vector<eval::PhoneReport> phones;
    nlohmann::ordered_json all = nlohmann::ordered_json::array();
    for (const auto& runs : to_judge(args->runs, args->ensemble)) {
      const auto judging = train::open_judging(runs, args->options);
      const auto results = train::predict(judging);
      suites.push_back(train::measure(judging, results));
      auto json = eval::to_json(suites.back());
      if (args->phones || !args->labels.from.empty()) {
        phones.push_back(train::judge_phones(runs[0], judging, results, args->labels));
        json["phones"] = eval::to_json(phones.back());
      }
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
    for (size_t i = 0; i < phones.size(); ++i) {
      std::cout << "\n";
      if (phones.size() > 1) std::cout << suites[i].model << "\n";
      report::print_phones(std::cout, phones[i]);
    }
    std::cout << std::flush;
  });
}

}  // namespace kuchi::cli
