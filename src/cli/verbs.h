// src/cli/verbs.h
#pragma once

#include <CLI/CLI.hpp>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

namespace kuchi::cli {

/// What all verbs share of one command line.
struct Context {
  std::string command;                 // as typed
  std::vector<std::string> overrides;  // section.key=value, taken out from anywhere
  bool quiet = false;
  std::vector<std::string> plugins;  // --plugin FILE.so, loaded before any verb works
};

/// Each adds its verb with options, help and example; the work is done in its callback. A new
/// verb is one file, its line here and in verbs.cpp.
void add_synth(CLI::App& app, Context& context);
void add_prepare(CLI::App& app, Context& context);
void add_train(CLI::App& app, Context& context);
void add_resume(CLI::App& app, Context& context);
void add_eval(CLI::App& app, Context& context);
void add_score(CLI::App& app, Context& context);
void add_predict(CLI::App& app, Context& context);
void add_live(CLI::App& app, Context& context);
void add_report(CLI::App& app, Context& context);
void add_preview(CLI::App& app, Context& context);
void add_init(CLI::App& app, Context& context);
void add_export(CLI::App& app, Context& context);
void add_encode(CLI::App& app, Context& context);
void add_encoder(CLI::App& app, Context& context);
void add_convert(CLI::App& app, Context& context);
void add_inspect(CLI::App& app, Context& context);
void add_config(CLI::App& app, Context& context);
void add_doctor(CLI::App& app, Context& context);
void add_bench(CLI::App& app, Context& context);
void add_lr(CLI::App& app, Context& context);
void add_sweep(CLI::App& app, Context& context);

/// The whole program less the process: runs one command line, returns the exit code.
int run(const std::vector<std::string>& arguments);

/// What build.json holds: versions, commit, compiler, threads.
nlohmann::json build_json();

}  // namespace kuchi::cli
