#include "study/sweep.h"

#include <filesystem>
#include <iostream>
#include <memory>

#include "cli/common.h"
#include "core/error.h"
#include "core/log.h"
#include "core/text.h"
#include "distributed/slurm.h"
#include "io/atomic_file.h"
#include "io/json_text.h"
#include "report/page.h"
#include "report/study_tables.h"
#include "report/table.h"
#include "train/sweep.h"

namespace kuchi::cli {
namespace fs = std::filesystem;
namespace {

struct SweepArgs {
  std::string study, out;
  int64_t jobs = 1, trial = 0, clips = 4;
  bool dry_run = false, slurm = false, collect = false, retry = false;
};

/// Overrides of the command line hold for every training. One that a factor varies would be lost.
void add_overrides(study::Study& study, const std::vector<std::string>& overrides) {
  for (const auto& text : overrides) {
    auto assignment = config::parse_override(text);
    for (const auto& factor : study.factors) {
      if (factor.key != assignment.key) continue;
      throw UserError(Exit::config, cat(assignment.key, " is a factor of this study (",
                                        to_string(factor.at), "); change its values there"));
    }
    study.overrides.push_back(std::move(assignment));
  }
}

void print_plan(const study::Planned& planned, const SweepArgs& args) {
  const study::Ledger ledger(args.out);
  report::Table table;
  table.add_column("trial");
  table.add_column("setting", report::Align::left);
  table.add_column("fold", report::Align::left);
  table.add_column("seed");
  table.add_column("id", report::Align::left);
  table.add_column("status", report::Align::left);
  size_t number = 0;
  for (const auto& trial : planned.trials) {
    const auto state = ledger.state(trial.id);
    const char* status = !state                                      ? ""
                         : state->kind == study::State::Kind::done   ? "done"
                         : state->kind == study::State::Kind::failed ? "failed"
                                                                     : "begun";
    table.add_row({std::to_string(++number), printable(planned.settings[trial.setting].name),
                   trial.fold ? printable(planned.folds[*trial.fold].name) : "",
                   std::to_string(trial.seed), trial.id, status});
  }
  table.print(std::cout);
  std::cout << planned.settings.size() << " settings, " << planned.trials.size() << " trials"
            << (planned.complete || !planned.study.halving ? "" : " in this rung; others follow");
  if (const auto left = study::seconds_left(planned.trials, ledger, args.jobs)) {
    std::cout << "; what is left takes some " << clock_text(*left);
  } else {
    std::cout << "; how long they take shows when the first has run";
  }
  std::cout << std::endl;
}

void write_script(const study::Planned& planned, const SweepArgs& args, const Context& context,
                  bool gpus) {
  study::refuse_halving(planned.study);
  std::vector<std::string> command = {fs::read_symlink("/proc/self/exe").string(), "sweep",
                                      fs::absolute(args.study).string(), "--out",
                                      fs::absolute(args.out).string()};
  for (const auto& file : context.plugins) {
    command.insert(command.end(), {"--plugin", fs::absolute(file).string()});
  }
  command.insert(command.end(), context.overrides.begin(), context.overrides.end());
  const auto file = fs::path(args.out) / "sweep.sbatch";
  io::write_atomically(
      file, distributed::slurm_array_script(command, static_cast<int64_t>(planned.trials.size()),
                                            args.jobs, gpus, planned.study.name));
  note(cat("submit it with sbatch; when all tasks have ended, kuchi sweep ", args.study, " --out ",
           args.out, " --collect makes the tables"));
  std::cout << file.string() << std::endl;
}

void write_results(const study::Planned& planned, const SweepArgs& args) {
  const fs::path dir = args.out;
  const auto summary = study::summarise(planned, dir);
  io::write_atomically(dir / "summary.json", io::json_text(summary, 1) + "\n");
  io::write_atomically(dir / "summary.csv", report::study_csv(summary));
  io::write_atomically(dir / "summary.md", report::study_markdown(summary));
  io::write_atomically(dir / "summary.tex", report::study_latex(summary));
  io::write_atomically(dir / "report.html", report::to_html(train::report_study(dir, args.clips)));
  report::print_study(std::cout, summary);
  std::cout << (dir / "report.html").string() << std::endl;
}

/// A folder that is something else is left alone.
void make_study_folder(const fs::path& dir) {
  std::error_code ec;
  bool ours = !fs::exists(dir, ec) || (fs::is_directory(dir, ec) && fs::is_empty(dir, ec));
  for (const char* file : {"ledger.jsonl", "lock", "sweep.sbatch"}) {
    ours = ours || fs::exists(dir / file, ec);
  }
  if (!ours) {
    throw UserError(Exit::config, dir.string() + ": is there and no sweep's folder; give another");
  }
  io::make_directories(dir);
}

void sweep(const SweepArgs& args, const Context& context) {
  auto study = study::load_study(args.study);
  add_overrides(study, context.overrides);
  const auto experiments = train::experiments_of(study.base, args.jobs);
  if (args.dry_run) {
    print_plan(study::plan(study, experiments, args.out), args);
    return;
  }
  make_study_folder(args.out);
  study::RunOptions options;
  options.dir = args.out;
  options.jobs = args.jobs;
  options.plugins = context.plugins;
  options.retry = args.retry;
  if (!args.collect) options.gpus = train::gpus_for(study.base, study.overrides);
  if (args.slurm) {
    write_script(study::plan(study, experiments, args.out), args, context, !options.gpus.empty());
    return;
  }
  if (args.trial > 0) {
    const auto held = study::hold(args.out, /*alone=*/false);
    study::run_one(study, experiments, options, args.trial);
    return;
  }
  const auto held = study::hold(args.out, /*alone=*/true);
  write_results(args.collect ? study::plan(study, experiments, args.out)
                             : study::run(study, experiments, options),
                args);
}

}  // namespace

void add_sweep(CLI::App& app, Context& context) {
  auto args = std::make_shared<SweepArgs>();
  auto* verb = app.add_subcommand(
      "sweep", "an ablation study: runs, resumes, compares, writes tables and a page");
  verb->add_option("STUDY", args->study, "YAML file of the study; see docs/sweeps.md")->required();
  verb->add_option("--out", args->out, "folder of the study; what is done there is kept")
      ->required()
      ->type_name("DIR");
  verb->add_option("--jobs", args->jobs,
                   "trainings at once; they share the machine's threads, and each takes a GPU")
      ->check(CLI::Range(1, 1024))
      ->capture_default_str();
  auto* dry = verb->add_flag("--dry-run", args->dry_run,
                             "only print the trials, and how long they take once one has run");
  auto* slurm = verb->add_flag("--slurm", args->slurm,
                               "only write DIR/sweep.sbatch, an array job, at most --jobs at once");
  auto* collect = verb->add_flag("--collect", args->collect,
                                 "train nothing; make the tables and the page of what is there");
  auto* trial = verb->add_option("--trial", args->trial, "only this one: a task of an array job")
                    ->check(CLI::Range(int64_t{1}, int64_t{1} << 30));
  dry->excludes(slurm)->excludes(collect)->excludes(trial);
  slurm->excludes(collect)->excludes(trial);
  collect->excludes(trial);
  verb->add_flag("--retry", args->retry, "trains again what failed");
  verb->add_option("--clips", args->clips, "how many clips the page shows")
      ->check(CLI::Range(1, 100))
      ->capture_default_str();
  example(*verb,
          "kuchi sweep experiments/depth/study.yaml --out runs/depth --dry-run\n"
          "  kuchi sweep experiments/depth/study.yaml --out runs/depth --jobs 2 "
          "train.max_steps=200");
  verb->callback([args, &context] { sweep(*args, context); });
}

}  // namespace kuchi::cli
