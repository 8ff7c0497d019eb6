#include <filesystem>
#include <iostream>
#include <memory>

#include "cli/common.h"
#include "cli/runs.h"
#include "core/error.h"
#include "core/text.h"
#include "io/atomic_file.h"
#include "report/page.h"
#include "train/report_run.h"
#include "train/sweep.h"

namespace kuchi::cli {
namespace fs = std::filesystem;
namespace {

/// --clips: a number, or the clips' ids.
void take_clips(const std::vector<std::string>& words, train::ReportOptions& options) {
  long long count = 0;
  if (words.size() == 1 && parse_integer(words[0], count)) {
    if (count < 1 || count > 1000) {
      throw UserError(Exit::config,
                      cat("--clips: must be from 1 to 1000, or ids of clips; it is ", words[0]));
    }
    options.clips = count;
  } else {
    options.clip_ids = words;
  }
}

}  // namespace

void add_report(CLI::App& app, Context& context) {
  struct ReportArgs {
    std::string out;
    std::vector<std::string> runs;
    std::vector<std::string> clips;
    bool probe = false, no_probe = false, phones = false, no_phones = false, force = false;
    train::ReportOptions options;
  };
  auto args = std::make_shared<ReportArgs>();
  auto* verb = app.add_subcommand(
      "report", "one page about a run: numbers, and clips with sound and moving mouths");
  auto& options = args->options;
  verb->add_option(
          "RUN", args->runs,
          "folder of a run, or of a study that kuchi sweep made; of more runs, their trainings "
          "are drawn beside the first's")
      ->required();
  verb->add_option("--out", args->out, "HTML file to write (default: RUN/report.html)");
  verb->add_option("--split", options.evaluate.split,
                   "which part to judge (default: eval.split of the run)")
      ->check(CLI::IsMember({"test", "valid", "train", "all"}));
  verb->add_option("--checkpoint", options.evaluate.checkpoint, "best, last or a step")
      ->capture_default_str();
  verb->add_option("--store", options.evaluate.store, "another store than the run's own");
  verb->add_option("--device", options.evaluate.device, "auto, cpu, cuda or cuda:N")
      ->capture_default_str();
  add_encoders(*verb, options.evaluate.encoders);
  verb->add_option("--clips", args->clips,
                   "how many clips to show (default 6: worst, median, best), or their ids")
      ->type_name("N or ID");
  verb->add_option("--seconds", options.seconds, "at most, of each clip, around its worst second")
      ->check(CLI::Range(1.0, 3600.0))
      ->capture_default_str();
  auto* probe =
      verb->add_flag("--probe", args->probe,
                     "the context probe too (default: where data.synth made what it learnt)");
  verb->add_flag("--no-probe", args->no_probe, "no context probe")->excludes(probe);
  auto* phones = verb->add_flag("--phones", args->phones,
                                "phones beside the sound, and a table of them (default: where "
                                "data.synth made what it learnt)");
  auto* none = verb->add_flag("--no-phones", args->no_phones, "no phones")->excludes(phones);
  verb->add_option("--phones-from", options.labels.from,
                   "recipe or folder with TextGrids or SRTs (default: the run's own data)")
      ->excludes(none);
  verb->add_option("--tier", options.labels.tier, "the TextGrids' tier of phones")
      ->capture_default_str();
  verb->add_flag("--force", args->force, "overwrite what is there");
  example(*verb,
          "kuchi report runs/a\n"
          "  kuchi report runs/a runs/b runs/c --out compared.html\n"
          "  kuchi report runs/a --out a.html --clips 2_05 2_11 --seconds 20");
  verb->callback([args, &context] {
    refuse_overrides(context, "report");
    if (args->probe || args->no_probe) args->options.probe = args->probe;
    if (args->phones || args->no_phones) args->options.phones = args->phones;
    if (!args->options.labels.from.empty()) args->options.phones = true;
    take_clips(args->clips, args->options);
    args->options.others.assign(args->runs.begin() + 1, args->runs.end());
    const fs::path out =
        args->out.empty() ? fs::path(args->runs[0]) / "report.html" : fs::path(args->out);
    io::refuse_overwrite(out, args->force);
    const auto page = train::is_study(args->runs[0])
                          ? train::report_study(args->runs[0], args->options.clips)
                          : train::report_run(args->runs[0], args->options);
    io::write_atomically(out, report::to_html(page));
    std::cout << out.string() << std::endl;
  });
}

}  // namespace kuchi::cli
