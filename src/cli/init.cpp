#include <iostream>
#include <memory>

#include "cli/common.h"
#include "data/init_recipe.h"
#include "io/atomic_file.h"

namespace kuchi::cli {

void add_init(CLI::App& app, Context& context) {
  struct InitArgs {
    std::string dir, out;
    JsonOption json;
  };
  auto args = std::make_shared<InitArgs>();
  auto* verb = app.add_subcommand(
      "init", "looks at a folder of takes and writes a recipe for it, saying what it guessed");
  verb->add_option("DIR", args->dir, "folder with sound and curves, in any order of folders")
      ->required();
  verb->add_option("--out", args->out, "the recipe to write (default: recipe.yaml in the folder)")
      ->type_name("RECIPE.yaml");
  args->json.add(*verb);
  example(*verb,
          "kuchi init takes/ && kuchi prepare takes/recipe.yaml --out takes.h5\n"
          "  kuchi init takes/ --out datasets/mine.yaml");
  verb->callback([args, &context] {
    refuse_overrides(context, "init");
    args->json.check();
    if (!args->out.empty()) io::refuse_overwrite(args->out, args->json.force);
    const auto report = data::guess_recipe(args->dir, args->out);
    data::write_recipe(report, args->json.force);
    args->json.write(data::to_json(report));
    if (!args->json.on_stdout()) std::cout << data::to_text(report) << std::flush;
  });
}

}  // namespace kuchi::cli
