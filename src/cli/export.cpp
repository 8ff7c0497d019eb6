#include <iostream>
#include <memory>

#include "audio/audio.h"
#include "cli/common.h"
#include "cli/runs.h"
#include "core/error.h"
#include "core/text.h"
#include "export/onnx_check.h"
#include "export/onnx_export.h"
#include "export/onnx_runtime.h"
#include "io/atomic_file.h"
#include "kuchi/build_info.h"
#include "onnx/weights.h"

namespace kuchi::cli {
namespace {

struct ExportArgs {
  std::vector<std::string> runs, encoders;
  std::string out, from = "audio", checkpoint = "best", weights = "fp32", check, runtime;
  int64_t opset = onnx::kFirstOpset;
  bool ensemble = false, streaming = false;
  JsonOption json;

  exporting::Options options() const {
    exporting::Options o;
    o.from = from == "audio" ? exporting::From::audio : exporting::From::features;
    o.streaming = streaming;
    o.weights = onnx::storage(weights);
    o.opset = opset;
    o.version = build_info::kVersion;
    o.commit = build_info::kCommit;
    return o;
  }
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

/// What --check hears; read before the work, so that a file that is none stops it early.
std::vector<float> sound_to_check(const ExportArgs& args, double fps) {
  auto sound = audio::read(args.check);
  if (features::frame_count(static_cast<int64_t>(sound.size()), fps) == 0) {
    fail_data(std::filesystem::path(args.check),
              "is shorter than one frame of curves; nothing to compare");
  }
  return sound;
}

/// The same comparison for who has ONNX Runtime in Python.
std::string comparison_lines(const ExportArgs& args, const exporting::Options& options,
                             const train::Ensemble& models) {
  const bool audio = options.from == exporting::From::audio;
  const auto& card = models.card();
  std::string lines = cat("kuchi predict ", join(args.runs, " "), " ", args.check,
                          args.ensemble ? " --ensemble" : "", " --checkpoint ", args.checkpoint,
                          " --window 0 --format npy --out curves.npy\n");
  if (!audio) {
    const auto& f = card.features;
    lines += cat("kuchi encode ", f.is_encoder() ? f.encoder + " --layer " + f.layer : "logmel",
                 " ", args.check, " --fps ", number(card.fps), " features.stack=", f.stack);
    if (f.is_windowed()) {
      lines += cat(" features.window.seconds=", number(f.window.seconds),
                   " features.window.ahead_seconds=", number(f.window.ahead_seconds),
                   " features.window.step_seconds=", number(f.window.step_seconds));
    }
    lines += " --out features.npy\n";
  }
  return cat(lines, "python3 scripts/compare_onnx.py ", args.out, " curves.npy ",
             audio ? "--audio " + args.check : "--features features.npy", "\n");
}

/// Runs the file where the library is; null where it is not. Curves of float32 weights must be the
/// models' own; those of smaller ones are told, not judged.
nlohmann::ordered_json check_file(const ExportArgs& args, const exporting::Options& options,
                                  const train::Ensemble& models, std::span<const float> sound) {
  if (args.runtime.empty() && !exporting::has_onnx_runtime("")) {
    if (!args.json.on_stdout()) {
      std::cout << "not compared: no libonnxruntime.so where the loader looks; name it with "
                   "--runtime, or compare in Python (pip install onnxruntime):\n"
                << comparison_lines(args, options, models);
    }
    return nullptr;
  }
  const auto found = exporting::check_onnx(models, options, args.out, sound, args.runtime);
  const bool exact = options.weights == onnx::Storage::float32;
  if (exact && found.largest > exporting::kSameWithin) {
    fail_data(std::filesystem::path(args.out),
              cat("its curves of ", args.check, " are up to ", number(found.largest, 3),
                  " from the run's own, more than ", number(exporting::kSameWithin),
                  "; do not use it, and report this"));
  }
  if (!args.json.on_stdout()) {
    std::cout << args.check << ": " << found.frames << " frames, largest difference "
              << number(found.largest, 3) << ", mean square " << number(found.squared, 3)
              << std::endl;
  }
  return {{"audio", args.check},
          {"frames", found.frames},
          {"largest", found.largest},
          {"mean_square", found.squared}};
}

void export_runs(const ExportArgs& args) {
  check_ensemble(args.runs, args.ensemble);
  io::refuse_overwrite(args.out, args.json.force);
  args.json.check();
  if (!args.runtime.empty() && args.check.empty()) {
    throw UserError(Exit::config, "--runtime is the library that --check runs; add --check FILE");
  }
  if (!args.runtime.empty() && !exporting::has_onnx_runtime(args.runtime)) {
    fail_environment(cat(args.runtime, ": cannot be opened as a library; name ONNX Runtime's ",
                         "libonnxruntime.so with --runtime"));
  }
  const auto options = args.options();
  const train::Ensemble models({args.runs.begin(), args.runs.end()}, args.checkpoint, "cpu",
                               args.encoders);
  std::vector<float> sound;
  if (!args.check.empty()) sound = sound_to_check(args, models.card().fps);
  exporting::export_onnx(models, options, args.out);
  auto summary = summary_json(args.out);
  if (!args.json.on_stdout()) std::cout << args.out << std::endl;
  if (!args.check.empty()) summary["check"] = check_file(args, options, models, sound);
  if (!args.json.file.empty()) args.json.write(summary);
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
  verb->add_flag(
      "--streaming", args->streaming,
      "chunk by chunk, with states in and out: for heads that look ahead by some frames");
  verb->add_option("--weights", args->weights,
                   "how large matrices are kept in the file: fp32; fp16 or int8 are smaller, less "
                   "exact, and used as fp32")
      ->check(CLI::IsMember(onnx::kStorages))
      ->capture_default_str();
  verb->add_option("--check", args->check,
                   "run the file in ONNX Runtime on this audio, and compare with the run's own "
                   "curves")
      ->type_name("FILE.wav");
  verb->add_option("--runtime", args->runtime,
                   "with --check, ONNX Runtime's libonnxruntime.so (default: where the loader "
                   "looks)")
      ->type_name("FILE");
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
      "  kuchi export runs/a runs/b --ensemble --from features --out both.onnx\n"
      "  kuchi export runs/live --streaming --out live.onnx\n"
      "  kuchi export runs/a --weights int8 --out small.onnx --check speech.wav\n\n"
      "  inputs   audio [batch, samples] or features [batch, frames, dim], and lengths [batch]\n"
      "  output   curves [batch, frames, curves]; names, ranges, fps in the metadata\n"
      "  states   with --streaming state_in_* and state_out_*, listed in the metadata\n"
      "  docs/onnx.md shows how to run it from Python and from C++.");
  verb->callback([args, &context] {
    refuse_overrides(context, "export");
    export_runs(*args);
  });
}

}  // namespace kuchi::cli
