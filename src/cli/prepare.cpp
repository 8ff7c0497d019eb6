#include "data/prepare.h"

#include <iostream>
#include <memory>

#include "cli/common.h"
#include "train/experiment.h"

namespace kuchi::cli {

void add_prepare(CLI::App& app, Context& context) {
  struct PrepareArgs {
    std::string recipe, out;
    JsonOption json;
  };
  auto args = std::make_shared<PrepareArgs>();
  auto* verb = app.add_subcommand(
      "prepare", "audio + curves of a recipe -> one store of timed features, curves and splits");
  verb->add_option("RECIPE", args->recipe, "recipe.yaml of a data set")->required();
  verb->add_option("--out", args->out, "the store to write")->required()->type_name("STORE.h5");
  args->json.add(*verb);
  example(*verb, "kuchi prepare datasets/facegood.yaml --out facegood.h5 features.stack=3");
  verb->callback([args, &context] {
    args->json.check();
    train::Experiment experiment;
    train::load(experiment, "", context.overrides);
    train::attach_encoder(experiment);
    data::PrepareOptions options;
    options.root = experiment.data.root;
    options.consent = experiment.data.consent;
    options.speakers = experiment.data.speakers;
    options.strict = experiment.data.strict;
    options.force = args->json.force;
    auto recipe = data::load_recipe(args->recipe);
    recipe.split = data::with_options(recipe.split, experiment.data.split, {"data.split"});
    const auto report = data::prepare(recipe, experiment.features, options, args->out);
    args->json.write(data::to_json(report));
    if (!args->json.on_stdout()) std::cout << data::to_text(report) << std::flush;
  });
}

}  // namespace kuchi::cli
