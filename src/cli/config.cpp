#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/common.h"
#include "cli/outline.h"
#include "core/error.h"
#include "core/text.h"
#include "kuchi/build_info.h"
#include "train/experiment.h"

namespace kuchi::cli {
namespace {

/// All mistakes of all files; true if there is none.
bool check_files(const std::vector<std::string>& files, const Context& context) {
  bool good = true;
  for (const auto& file : files) {
    try {
      train::Experiment experiment;
      train::load(experiment, file, context.overrides);
      std::cout << file << ": ok" << std::endl;
    } catch (const UserError& e) {
      std::cerr << e.what() << std::endl;
      good = false;
    }
  }
  return good;
}

}  // namespace

void add_config(CLI::App& app, Context& context) {
  struct ConfigArgs {
    bool schema = false, reference = false, defaults = false, man = false;
    std::vector<std::string> check;
    std::string resolve, completion;
  };
  auto args = std::make_shared<ConfigArgs>();
  auto* verb = app.add_subcommand("config", "what can be configured, and what a file amounts to");
  verb->add_option("CONFIG", args->resolve, "prints this file resolved: every option's value");
  verb->add_flag("--schema", args->schema, "JSON Schema, for editors");
  verb->add_flag("--reference", args->reference, "reference page in Markdown");
  verb->add_flag("--defaults", args->defaults, "every option at its default");
  verb->add_option("--check", args->check, "all mistakes of these files at once");
  verb->add_option("--completion", args->completion,
                   "a script that completes command lines in bash, zsh or fish")
      ->check(CLI::IsMember(completion_shells()))
      ->type_name("SHELL");
  verb->add_flag("--man", args->man, "the manual page kuchi(1)");
  example(*verb,
          "kuchi config --check configs/experiment/synth_bilstm.yaml\n"
          "  kuchi config configs/experiment/synth_bilstm.yaml train.lr=1e-4\n"
          "  source <(kuchi config --completion bash)");
  verb->callback([args, &app, &context, verb] {
    train::Experiment experiment;
    if (!args->check.empty()) {
      if (!check_files(args->check, context)) {
        throw UserError(Exit::config, "mistakes were found; they are listed above");
      }
    } else if (args->schema) {
      std::cout << experiment.schema.to_json_schema("Kuchi configuration").dump(1) << std::endl;
    } else if (args->reference) {
      std::cout << experiment.schema.to_markdown("Configuration reference");
    } else if (!args->completion.empty()) {
      std::cout << completion(outline(app, experiment.schema), args->completion);
    } else if (args->man) {
      std::cout << man_page(outline(app, experiment.schema), build_info::kVersion);
    } else if (args->defaults || !args->resolve.empty()) {
      train::load(experiment, args->resolve, context.overrides);
      std::cout << experiment.schema.to_yaml();
    } else {
      throw UserError(Exit::config, "kuchi config: say what to show\n" + verb->help());
    }
    std::cout << std::flush;
  });
}

}  // namespace kuchi::cli
