#include <iostream>
#include <memory>

#include "cli/common.h"
#include "core/error.h"
#include "core/log.h"
#include "core/text.h"
#include "distributed/launch.h"
#include "distributed/slurm.h"
#include "io/atomic_file.h"
#include "report/suite_tables.h"
#include "train/evaluate_run.h"
#include "train/run.h"
#include "train/trainer.h"

namespace kuchi::cli {
namespace {

/// After the training: what the best checkpoint is worth, into metrics.json and onto the screen.
void conclude(const std::string& run, const train::Outcome& outcome) {
  if (!outcome.leads) return;
  note(cat(outcome.steps, " steps, ", outcome.epochs, " epochs in ", clock_text(outcome.seconds),
           outcome.stopped_early ? "; stopped early" : ""));
  if (const auto suite = train::write_run_metrics(run, outcome.encoders)) {
    std::cout << report::one_line(*suite) << std::endl;
  }
  std::cout << run << std::endl;
}

/// --nproc and --slurm: a training by several processes.
struct Several {
  int processes = 1;
  std::string script;

  void add(CLI::App& verb) {
    verb.add_option("--nproc", processes,
                    "processes on this machine that train together, one a GPU, or sharing the "
                    "CPU's cores; each takes its batches, and an update is of all of them")
        ->type_name("N")
        ->check(CLI::Range(1, 1024))
        ->capture_default_str();
    verb.add_option("--slurm", script,
                    "only write a batch script for sbatch that trains by --nproc N tasks")
        ->type_name("FILE");
  }

  /// True where this process has nothing left to do.
  bool done_by_others(const std::string& run, bool gpus, bool force) const {
    auto arguments = distributed::own_arguments_without("--nproc");
    if (!script.empty()) {
      io::refuse_overwrite(script, force);
      arguments = distributed::without(arguments, "--slurm");
      arguments[0] = std::filesystem::read_symlink("/proc/self/exe").string();
      const auto name = std::filesystem::path(run).lexically_normal().filename().string();
      io::write_atomically(script, distributed::slurm_script(arguments, processes, gpus, name));
      std::cout << script << std::endl;
      return true;
    }
    if (processes == 1) return false;
    if (const auto world = distributed::world_from_environment(); !world.alone()) {
      throw UserError(Exit::config, cat("--nproc: this is one of ", world.size, " processes that ",
                                        world.started_by, " started; leave it out"));
    }
    distributed::launch(arguments, processes);
    return true;
  }
};

}  // namespace

void add_train(CLI::App& app, Context& context) {
  struct TrainArgs {
    std::string config, out;
    bool force = false;
    Several several;
  };
  auto args = std::make_shared<TrainArgs>();
  auto* verb = app.add_subcommand("train", "trains a model from a configuration file");
  verb->add_option("CONFIG", args->config, "YAML file; see kuchi config --reference")->required();
  verb->add_option("--out", args->out, "new folder of the run")->required()->type_name("RUN");
  verb->add_flag("--force", args->force, "remove a run that is there already");
  args->several.add(*verb);
  example(*verb,
          "kuchi train configs/experiment/synth_bilstm.yaml --out runs/a train.seed=1 "
          "model.bilstm.layers=3\n"
          "  kuchi train configs/experiment/synth_bilstm.yaml --out runs/b --nproc 2");
  verb->callback([args, &context] {
    train::Experiment experiment;
    train::load(experiment, args->config, context.overrides);
    const bool gpus = experiment.train.device != "cpu";
    if (args->several.done_by_others(args->out, gpus, args->force)) return;
    const train::RunHeader header{context.command, build_json()};
    conclude(args->out, train::train(experiment, args->out, header, args->force, {args->config}));
  });
}

void add_resume(CLI::App& app, Context& context) {
  struct TrainArgs {
    std::string run;
    Several several;
  };
  auto args = std::make_shared<TrainArgs>();
  auto* verb = app.add_subcommand("resume", "goes on from a run's last whole checkpoint");
  verb->add_option("RUN", args->run, "folder of the run")->required();
  args->several.add(*verb);
  example(*verb,
          "kuchi resume runs/a train.max_epochs=120\n"
          "  kuchi resume runs/b --nproc 2");
  verb->callback([args, &context] {
    train::Experiment experiment;
    train::load_run_experiment(experiment, args->run, context.overrides);
    const bool gpus = experiment.train.device != "cpu";
    if (args->several.done_by_others(args->run, gpus, /*force=*/false)) return;
    conclude(args->run, train::resume(args->run, context.overrides));
  });
}

}  // namespace kuchi::cli
