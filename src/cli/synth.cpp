#include "synth/synth.h"

#include <iostream>
#include <memory>
#include <thread>

#include "cli/common.h"
#include "core/log.h"
#include "core/text.h"

namespace kuchi::cli {

void add_synth(CLI::App& app, Context& context) {
  struct SynthArgs {
    std::string dir;
    synth::Options options;
    bool force = false;
  };
  auto args = std::make_shared<SynthArgs>();
  auto* verb = app.add_subcommand(
      "synth", "makes the embedded data set: speech and the mouth curves that made it");
  verb->add_option("DIR", args->dir, "new directory for wav/, curves/, phones/, recipe.yaml")
      ->required();
  verb->add_option("--clips", args->options.clips, "how many clips")
      ->check(CLI::Range(1, 100000))
      ->capture_default_str();
  verb->add_option("--seconds", args->options.seconds, "mean length of a clip")
      ->check(CLI::Range(1.0, 600.0))
      ->capture_default_str();
  verb->add_option("--seed", args->options.seed, "same seed, same bytes, on every machine")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  verb->add_option("--rig", args->options.rig, "rig of the curves, by name or file")
      ->capture_default_str();
  verb->add_flag("--force", args->force, "overwrite what is there");
  example(*verb,
          "kuchi synth data/synth --clips 240 && kuchi prepare data/synth/recipe.yaml "
          "--out synth.h5");
  verb->callback([args, &context] {
    refuse_overrides(context, "synth");
    Progress progress("synth", args->options.clips);
    synth::WriteOptions write;
    write.force = args->force;
    write.threads = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
    write.progress = [&](int64_t done, int64_t) { progress.at(done); };
    synth::write_dataset(args->options, args->dir, write);
    progress.finish();
    std::cout << args->dir << "/recipe.yaml" << std::endl;
  });
}

}  // namespace kuchi::cli
