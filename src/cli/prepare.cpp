#include "data/prepare.h"

#include <iostream>
#include <memory>

#include "cli/common.h"
#include "train/experiment.h"

namespace kuchi::cli {

void add_prepare(CLI::App& app, Context& context) {
  struct PrepareArgs {
    std::vector<std::string> recipes;
    std::string out, pictures;
    JsonOption json;
  };
  auto args = std::make_shared<PrepareArgs>();
  auto* verb = app.add_subcommand(
      "prepare", "audio + curves of a recipe -> one store of timed features, curves and splits");
  verb->add_option("RECIPE", args->recipes,
                   "recipe.yaml of a data set; of several one store is made, whatever their rigs")
      ->required();
  verb->add_option("--out", args->out, "the store to write")->required()->type_name("STORE.h5");
  verb->add_option(
          "--sync-pictures", args->pictures,
          "a folder to make, for a picture a clip: how well sound and lips agree by lag, and the "
          "lag over time")
      ->type_name("DIR");
  args->json.add(*verb);
  example(
      *verb,
      "kuchi prepare datasets/facegood.yaml --out facegood.h5 features.stack=3\n"
      "  kuchi prepare a.yaml b.yaml --out both.h5 data.fps=30\n"
      "  kuchi prepare takes.yaml --out takes.h5 data.sync.correct=deviation data.sync.drift=true");
  verb->callback([args, &context] {
    args->json.check();
    train::Experiment experiment;
    train::load(experiment, "", context.overrides);
    train::attach_encoder(experiment);
    data::PrepareOptions options;
    options.root = experiment.data.root;
    options.consent = experiment.data.consent;
    options.speakers = experiment.data.speakers;
    options.fps = experiment.data.fps;
    options.strict = experiment.data.strict;
    options.force = args->json.force;
    options.sync = experiment.data.sync;
    options.pictures = args->pictures;
    std::vector<data::Recipe> recipes;
    for (const auto& file : args->recipes) {
      recipes.push_back(data::load_recipe(file));
      auto& split = recipes.back().split;
      split = data::with_options(split, experiment.data.split, {"data.split"});
    }
    const auto report = data::prepare(recipes, experiment.features, options, args->out);
    args->json.write(data::to_json(report));
    if (!args->json.on_stdout()) std::cout << data::to_text(report) << std::flush;
  });
}

}  // namespace kuchi::cli
