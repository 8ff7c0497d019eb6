#include "cli/verbs.h"

#include <algorithm>
#include <iostream>
#include <new>
#include <nlohmann/json.hpp>

#include "core/error.h"
#include "core/interrupt.h"
#include "core/log.h"
#include "core/text.h"
#include "edge/out_of_memory.h"
#include "models/plugins.h"

namespace kuchi::cli {
namespace {

void add_verbs(CLI::App& app, Context& context) {
  add_synth(app, context);
  add_init(app, context);
  add_prepare(app, context);
  add_train(app, context);
  add_resume(app, context);
  add_lr(app, context);
  add_sweep(app, context);
  add_eval(app, context);
  add_score(app, context);
  add_predict(app, context);
  add_live(app, context);
  add_report(app, context);
  add_preview(app, context);
  add_export(app, context);
  add_encode(app, context);
  add_encoder(app, context);
  add_convert(app, context);
  add_inspect(app, context);
  add_config(app, context);
  add_doctor(app, context);
  add_bench(app, context);
}

/// section.key=value: a dotted name before the '='. Paths with '=' in them need a "./" before.
bool is_override(const std::string& text) {
  const auto equals = text.find('=');
  if (equals == std::string::npos) return false;
  const std::string key = text.substr(0, equals);
  const std::string allowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.";
  return !key.empty() && key.find_first_not_of(allowed) == std::string::npos && key[0] != '.' &&
         key.find('.') != std::string::npos;
}

std::vector<std::string> names_of(const CLI::App& app) {
  std::vector<std::string> out;
  for (const auto* verb : app.get_subcommands({})) out.push_back(verb->get_name());
  return out;
}

void add_names(const CLI::Option& option, std::vector<std::string>& to) {
  for (const auto& name : option.get_lnames()) to.push_back("--" + name);
}

/// What is wrong with the names on a command line: an unknown verb or option, with the nearest
/// that there is; "" where all are known.
std::string unknown_name(const CLI::App& app, const std::vector<std::string>& arguments) {
  std::vector<std::string> options;
  const CLI::App* verb = &app;
  auto argument = arguments.begin();
  // A verb may have verbs of its own.
  while (!verb->get_subcommands({}).empty()) {
    for (const auto* option : verb->get_options()) add_names(*option, options);
    argument = std::find_if(argument, arguments.end(),
                            [](const auto& a) { return !a.empty() && a[0] != '-'; });
    if (argument == arguments.end()) break;
    const auto verbs = names_of(*verb);
    if (std::find(verbs.begin(), verbs.end(), *argument) == verbs.end()) {
      return cat("unknown command \"", *argument, "\"", did_you_mean(*argument, verbs));
    }
    verb = verb->get_subcommand(*argument++);
  }
  for (const auto* option : verb->get_options()) add_names(*option, options);
  for (const auto& given : arguments) {
    const std::string name = given.substr(0, given.find('='));
    if (name.rfind("--", 0) == 0 && name.size() > 2 &&
        std::find(options.begin(), options.end(), name) == options.end()) {
      return cat("unknown option \"", name, "\"", did_you_mean(name, options));
    }
  }
  return "";
}

/// Takes "--plugin FILE" and "--plugin=FILE" out: plug-ins come before all else.
std::vector<std::string> take_plugins(std::vector<std::string>& arguments) {
  const std::string name = "--plugin";
  std::vector<std::string> files, rest;
  for (size_t i = 0; i < arguments.size(); ++i) {
    if (arguments[i] == name && i + 1 < arguments.size()) {
      files.push_back(arguments[++i]);
    } else if (arguments[i].rfind(name + "=", 0) == 0) {
      files.push_back(arguments[i].substr(name.size() + 1));
    } else {
      rest.push_back(arguments[i]);
    }
  }
  arguments = rest;
  return files;
}

int usage_error(const CLI::App& app, const CLI::ParseError& e,
                const std::vector<std::string>& arguments) {
  if (e.get_exit_code() == 0) return app.exit(e);  // --help, --version
  std::string verb;
  for (const auto* at = &app; !at->get_subcommands().empty();) {
    at = at->get_subcommands().back();
    verb += " " + at->get_name();
  }
  const auto unknown = unknown_name(app, arguments);
  std::cerr << "kuchi" << verb << ": " << (unknown.empty() ? e.what() : unknown) << "; see kuchi"
            << verb << " --help" << std::endl;
  return static_cast<int>(Exit::config);
}

}  // namespace

int run(const std::vector<std::string>& arguments) {
  install_interrupt_handler();
  Context context;
  context.command = join(arguments, " ");
  CLI::App app("kuchi: trains audio-to-viseme models: speech in, mouth curves out.", "kuchi");
  app.require_subcommand(1);
  app.fallthrough();
  app.add_flag("-q,--quiet", context.quiet, "no progress, no notes");
  app.add_option("--plugin", context.plugins, "a library with more heads; may stand several times")
      ->type_name("FILE.so")
      ->allow_extra_args(false);
  app.set_version_flag("--version", build_json().at("kuchi").get<std::string>());
  app.footer(
      "Example:\n  kuchi train configs/debug/tiny.yaml --out runs/first\n"
      "  kuchi eval runs/first\n\nExit codes: 0 done, 2 configuration or usage, 3 data, 4 training "
      "diverged,\n5 environment, 130 interrupted.");
  add_verbs(app, context);

  std::vector<std::string> rest;
  for (size_t i = 1; i < arguments.size(); ++i) {
    (is_override(arguments[i]) ? context.overrides : rest).push_back(arguments[i]);
  }
  context.plugins = take_plugins(rest);
  // Before parsing, since a verb works while it is parsed.
  for (const auto& a : rest) context.quiet = context.quiet || a == "-q" || a == "--quiet";
  set_quiet(context.quiet);
  try {
    for (const auto& file : context.plugins) models::load_plugin(file);
    app.parse(std::vector<std::string>(rest.rbegin(), rest.rend()));  // CLI11 wants it reversed
    return 0;
  } catch (const CLI::ParseError& e) {
    return usage_error(app, e, rest);
  } catch (const UserError& e) {
    std::cerr << e.what() << std::endl;
    return static_cast<int>(e.code());
  } catch (const std::bad_alloc&) {
    std::cerr << "out of memory; lower train.batch_frames, or use a smaller model" << std::endl;
    return static_cast<int>(Exit::environment);
  } catch (const c10::Error& e) {
    if (edge::is_out_of_memory(e)) {
      std::cerr << "out of memory; lower train.batch_frames or --window, or use a smaller model ("
                << e.what_without_backtrace() << ")" << std::endl;
      return static_cast<int>(Exit::environment);
    }
    std::cerr << "LibTorch failed, which is a bug of Kuchi's or of the machine: "
              << e.what_without_backtrace() << std::endl;
    return 1;
  } catch (const std::exception& e) {
    std::cerr << "a bug of Kuchi's, please report it: " << e.what() << std::endl;
    return 1;
  }
}

}  // namespace kuchi::cli
