#include <iostream>
#include <memory>

#include "cli/common.h"
#include "core/error.h"
#include "core/text.h"
#include "io/atomic_file.h"
#include "io/json_text.h"
#include "report/table.h"
#include "train/lr_finder.h"

namespace kuchi::cli {
namespace {

struct LrArgs {
  std::string config, out;
  train::SweepOptions sweep;
  JsonOption json;
};

nlohmann::ordered_json to_json(const train::Sweep& sweep) {
  nlohmann::ordered_json json = {{"suggestion", io::number_or_null(sweep.suggestion)},
                                 {"steepest", io::number_or_null(sweep.steepest)},
                                 {"ran_away", sweep.ran_away},
                                 {"points", nlohmann::ordered_json::array()}};
  for (const auto& p : sweep.points) {
    json["points"].push_back({{"lr", p.lr}, {"loss", p.loss}, {"smooth", p.smooth}});
  }
  return json;
}

void write_csv(const std::string& file, const train::Sweep& sweep) {
  std::string text = "lr,loss,smooth\n";
  for (const auto& p : sweep.points) {
    text += cat(number(p.lr), ",", number(p.loss), ",", number(p.smooth), "\n");
  }
  io::write_atomically(file, text);
}

/// Some twenty of the points, and what follows from them.
void print(const train::Sweep& sweep) {
  constexpr size_t kRows = 20;
  report::Table table;
  for (const auto* name : {"lr", "loss", "smooth"}) table.add_column(name);
  const size_t every = std::max<size_t>(1, (sweep.points.size() + kRows - 1) / kRows);
  for (size_t i = 0; i < sweep.points.size(); i += every) {
    const auto& p = sweep.points[i];
    table.add_row({number(p.lr, 3), number(p.loss, 4), number(p.smooth, 4)});
  }
  table.print(std::cout);
  if (sweep.steepest) std::cout << "falls fastest at " << number(*sweep.steepest, 3) << '\n';
  if (!sweep.suggestion) {
    std::cout << "the loss never fell: no suggestion; try smaller rates (--from) or more --steps"
              << std::endl;
    return;
  }
  if (!sweep.ran_away) std::cout << "even the largest rate did not make it run away\n";
  std::cout << "train.lr=" << number(*sweep.suggestion, 2) << std::endl;
}

void find(const LrArgs& args, const Context& context) {
  if (args.sweep.from >= args.sweep.to) {
    throw UserError(Exit::config, "--from must be below --to");
  }
  args.json.check();
  if (!args.out.empty() && !args.json.force && std::filesystem::exists(args.out)) {
    throw UserError(Exit::config,
                    args.out + ": exists already; choose another name or add --force");
  }
  train::Experiment experiment;
  train::load(experiment, args.config, context.overrides);
  const auto sweep = train::find_lr(experiment, args.sweep, {args.config});
  if (!args.out.empty()) write_csv(args.out, sweep);
  args.json.write(to_json(sweep));
  if (!args.json.on_stdout()) print(sweep);
}

}  // namespace

void add_lr(CLI::App& app, Context& context) {
  auto args = std::make_shared<LrArgs>();
  auto* verb = app.add_subcommand(
      "lr", "looks for a learning rate: a few steps at rising rates, nothing kept");
  verb->add_option("CONFIG", args->config, "YAML file, as for kuchi train")->required();
  verb->add_option("--from", args->sweep.from, "first rate")
      ->check(CLI::Range(1e-12, 10.0))
      ->capture_default_str();
  verb->add_option("--to", args->sweep.to, "last rate")
      ->check(CLI::Range(1e-12, 10.0))
      ->capture_default_str();
  verb->add_option("--steps", args->sweep.steps, "rates between, one update each")
      ->check(CLI::Range(10, 100000))
      ->capture_default_str();
  verb->add_option("--out", args->out, "every rate and its loss")->type_name("FILE.csv");
  args->json.add(*verb);
  example(*verb, "kuchi lr configs/experiment/synth_bilstm.yaml --out rates.csv");
  verb->callback([args, &context] { find(*args, context); });
}

}  // namespace kuchi::cli
