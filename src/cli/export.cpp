#include <iostream>
#include <memory>

#include "cli/common.h"
#include "cli/runs.h"
#include "core/text.h"
#include "export/onnx_export.h"
#include "io/atomic_file.h"
#include "kuchi/build_info.h"

namespace kuchi::cli {
namespace {

struct ExportArgs {
  std::vector<std::string> runs, encoders;
  std::string out, from = "audio", checkpoint = "best";
  int64_t opset = onnx::kFirstOpset;
  bool ensemble = false;
  JsonOption json;
};

nlohmann::ordered_json ports_json(const std::vector<onnx::Port>& ports) {
  nlohmann::ordered_json out;
  for (const auto& port : ports) out[port.name] = onnx::to_text(port);
  return out;
}

/// What the written file says of itself.
nlohmann::ordered_json summary_json(const std::string& file) {
  const auto made = onnx::read_summary(file);
  return {{"file", file},
          {"opset", made.info.opset},
          {"bytes", std::filesystem::file_size(file)},
          {"inputs", ports_json(made.inputs)},
          {"outputs", ports_json(made.outputs)}};
}

void export_runs(const ExportArgs& args) {
  check_ensemble(args.runs, args.ensemble);
  io::refuse_overwrite(args.out, args.json.force);
  args.json.check();
  exporting::Options options;
  options.from = args.from == "audio" ? exporting::From::audio : exporting::From::features;
  options.opset = args.opset;
  options.version = build_info::kVersion;
  options.commit = build_info::kCommit;
  const train::Ensemble models({args.runs.begin(), args.runs.end()}, args.checkpoint, "cpu",
                               args.encoders);
  exporting::export_onnx(models, options, args.out);
  if (!args.json.file.empty()) args.json.write(summary_json(args.out));
  if (!args.json.on_stdout()) std::cout << args.out << std::endl;
}

}  // namespace

void add_export(CLI::App& app, Context& context) {
  auto args = std::make_shared<ExportArgs>();
  auto* verb = app.add_subcommand("export", "a trained model as ONNX, for any runtime");
  verb->add_option("RUN", args->runs, "folder of a run; several with --ensemble")->required();
  verb->add_option("--out", args->out, "the file to write")->required()->type_name("MODEL.onnx");
  verb->add_option("--from", args->from,
                   "what it takes: 16 kHz mono audio, or features as kuchi encode makes them")
      ->check(CLI::IsMember({"audio", "features"}))
      ->capture_default_str();
  verb->add_option("--opset", args->opset, "version of the ONNX operators")
      ->check(CLI::Range(onnx::kFirstOpset, onnx::kLastOpset))
      ->capture_default_str();
  verb->add_option("--checkpoint", args->checkpoint, "best, last or a step")->capture_default_str();
  add_encoders(*verb, args->encoders);
  verb->add_flag("--ensemble", args->ensemble,
                 "one model that averages the curves of several runs");
  args->json.add(*verb);
  example(
      *verb,
      "kuchi export runs/a --out mouth.onnx\n"
      "  kuchi export runs/a runs/b --ensemble --from features --out both.onnx\n\n"
      "  inputs   audio [batch, samples] or features [batch, frames, dim], and lengths [batch]\n"
      "  output   curves [batch, frames, curves]; names, ranges, fps in the metadata\n"
      "  docs/onnx.md shows how to run it from Python and from C++.");
  verb->callback([args, &context] {
    refuse_overrides(context, "export");
    export_runs(*args);
  });
}

}  // namespace kuchi::cli
