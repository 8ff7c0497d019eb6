#include <iostream>
#include <memory>

#include "cli/common.h"
#include "core/log.h"
#include "core/text.h"
#include "report/suite_tables.h"
#include "train/evaluate_run.h"
#include "train/trainer.h"

namespace kuchi::cli {
namespace {

/// After the training: what the best checkpoint is worth, into metrics.json and onto the screen.
void conclude(const std::string& run, const train::Outcome& outcome) {
  note(cat(outcome.steps, " steps, ", outcome.epochs, " epochs in ", clock_text(outcome.seconds),
           outcome.stopped_early ? "; stopped early" : ""));
  if (const auto suite = train::write_run_metrics(run, outcome.encoders)) {
    std::cout << report::one_line(*suite) << std::endl;
  }
  std::cout << run << std::endl;
}

}  // namespace

void add_train(CLI::App& app, Context& context) {
  struct Args {
    std::string config, out;
    bool force = false;
  };
  auto args = std::make_shared<Args>();
  auto* verb = app.add_subcommand("train", "trains a model from a configuration file");
  verb->add_option("CONFIG", args->config, "YAML file; see kuchi config --reference")->required();
  verb->add_option("--out", args->out, "new folder of the run")->required()->type_name("RUN");
  verb->add_flag("--force", args->force, "remove a run that is there already");
  example(*verb,
          "kuchi train configs/experiment/synth_bilstm.yaml --out runs/a train.seed=1 "
          "model.bilstm.layers=3");
  verb->callback([args, &context] {
    train::Experiment experiment;
    train::load(experiment, args->config, context.overrides);
    const train::RunHeader header{context.command, build_json()};
    conclude(args->out, train::train(experiment, args->out, header, args->force, {args->config}));
  });
}

void add_resume(CLI::App& app, Context& context) {
  auto run = std::make_shared<std::string>();
  auto* verb = app.add_subcommand("resume", "goes on from a run's last whole checkpoint");
  verb->add_option("RUN", *run, "folder of the run")->required();
  example(*verb, "kuchi resume runs/a train.max_epochs=120");
  verb->callback([run, &context] { conclude(*run, train::resume(*run, context.overrides)); });
}

}  // namespace kuchi::cli
