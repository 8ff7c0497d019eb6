#include <ATen/Parallel.h>

#include <filesystem>
#include <memory>
#include <thread>

#include "audio/audio.h"
#include "cli/common.h"
#include "core/error.h"
#include "core/log.h"
#include "core/text.h"
#include "edge/device.h"
#include "encoders/listener.h"
#include "encoders/load.h"
#include "features/features.h"
#include "io/npy.h"
#include "train/experiment.h"

namespace kuchi::cli {
namespace fs = std::filesystem;
namespace {

struct EncodeArgs {
  std::string encoder, out, layer, precision = "fp32", device = "auto";
  std::vector<std::string> audio;
  double fps = 0;
  encoders::Windows windows;
  bool force = false;
};

/// Features of one file: [frames, dim] at fps, or on the feature's own clock where fps is 0.
Matrix encode(const features::Options& options, const std::string& file, double fps) {
  const auto samples = audio::read(file);
  if (options.is_encoder()) {
    const auto needed = encoders::listener_of(options).encoder().config().receptive_samples();
    if (static_cast<int64_t>(samples.size()) < needed) {
      fail_data(fs::path(file), cat("has ", samples.size(),
                                    " samples at 16 kHz, and the encoder "
                                    "hears ",
                                    needed, " at a time; there is nothing to encode"));
    }
  }
  if (fps == 0) return features::base_frames(options, samples);
  const auto frames = features::frame_count(static_cast<int64_t>(samples.size()), fps);
  if (frames == 0)
    fail_data(fs::path(file), cat("is shorter than one frame at ", number(fps), " fps"));
  return features::compute(options, samples, fps, frames);
}

/// [frames, layers · hidden] → a file [layers, frames, hidden].
void write_layers(const fs::path& out, const Matrix& x, int64_t layers) {
  const int64_t hidden = x.cols / layers;
  std::vector<float> values(x.data.size());
  for (int64_t l = 0; l < layers; ++l) {
    for (int64_t j = 0; j < x.rows; ++j) {
      std::copy_n(x.data.begin() + j * x.cols + l * hidden, hidden,
                  values.begin() + (l * x.rows + j) * hidden);
    }
  }
  io::write_npy(out, std::vector<int64_t>{layers, x.rows, hidden}, values);
}

[[noreturn]] void refuse(const std::string& what, const std::string& why) {
  throw UserError(Exit::config, cat("command line: ", what, ": ", why));
}

/// What was asked for is done or refused.
void check(const EncodeArgs& args, const std::vector<std::string>& overrides) {
  for (const auto& text : overrides) {
    if (text.rfind("features.", 0) != 0)
      refuse(text, "kuchi encode takes features.key=value alone");
    const bool stacks = text.rfind("features.stack=", 0) == 0;
    if (args.fps == 0 && stacks) {
      refuse(text, "frames are stacked around curve frames; give --fps too");
    }
    for (const char* key : {"features.kind=", "features.encoder="}) {
      if (text.rfind(key, 0) == 0) refuse(text, "what encodes is the first argument");
    }
    if (text.rfind("features.layer=", 0) == 0) refuse(text, "say it with --layer");
  }
  if (args.windows.window_s == 0 && args.windows.overlap_s != encoders::Windows().overlap_s) {
    refuse("--overlap", "windows overlap; give --window too");
  }
  if (args.encoder != "logmel") return;
  if (!args.layer.empty()) refuse("--layer", "log-mel has no layers");
  if (args.precision != "fp32") refuse("--precision", "log-mel is always fp32");
  if (args.windows.window_s > 0) refuse("--window", "log-mel hears 25 ms at a time anyhow");
}

features::Options options_of(const EncodeArgs& args, const std::vector<std::string>& overrides) {
  auto all = overrides;
  if (args.encoder != "logmel") {
    if (!encoders::is_encoder(args.encoder)) {
      refuse(args.encoder, "is neither logmel nor an encoder directory (one with a config.json)");
    }
    all.insert(all.end(), {"features.kind=encoder"});
    if (!args.layer.empty()) all.push_back("features.layer=" + args.layer);
  }
  train::Experiment experiment;
  train::load(experiment, "", all);
  auto options = experiment.features;
  if (!options.is_encoder()) return options;
  options.encoder = args.encoder;
  encoders::AttachOptions how;
  how.bfloat16 = args.precision == "bf16";
  how.windows = args.windows;
  how.device = edge::device_from(args.device, "--device");
  encoders::attach(options, {"command line"}, {"command line"}, how);
  return options;
}

void run(const EncodeArgs& args, const std::vector<std::string>& overrides) {
  check(args, overrides);
  at::set_num_threads(static_cast<int>(std::max(1U, std::thread::hardware_concurrency())));
  const Files files{args.audio, output_files(args.audio, args.out, ".npy")};
  files.check(args.force);
  const auto options = options_of(args, overrides);
  if (options.layer == "all" && options.stack > 1) {
    refuse("features.stack", "a stack of all layers is --layer weighted");
  }
  files.each("encode", [&](const std::string& audio, const fs::path& out) {
    const auto x = encode(options, audio, args.fps);
    if (options.is_encoder() && options.layer == "all") {
      write_layers(out, x, options.facts.layers + 1);
    } else {
      io::write_npy(out, x);
    }
  });
}

}  // namespace

void add_encode(CLI::App& app, Context& context) {
  auto args = std::make_shared<EncodeArgs>();
  auto* verb = app.add_subcommand("encode", "what a model hears: features of audio as NPY");
  verb->add_option("ENCODER", args->encoder, "logmel, or a speech encoder's directory")->required();
  verb->add_option("AUDIO", args->audio, "audio files: any container, rate, channels")->required();
  verb->add_option("--out", args->out, "file, or directory for several")
      ->required()
      ->type_name("FILE.npy");
  verb->add_option("--fps", args->fps,
                   "at curve frames, stacked, as models take them (default: every 10 ms, 80 bands; "
                   "of an encoder every state)")
      ->check(CLI::Range(1.0, 1000.0));
  verb->add_option("--layer", args->layer,
                   "hidden states after layer N (0: what goes into the first), last, all as "
                   "[layers + 1, frames, hidden], or weighted: all side by side, as a model with "
                   "features.layer=weighted or all takes them (default: last)")
      ->type_name("N|last|all|weighted");
  verb->add_option("--precision", args->precision, "fp32, or bf16 where the processor has it")
      ->check(CLI::IsMember({"fp32", "bf16"}))
      ->capture_default_str();
  verb->add_option("--window", args->windows.window_s,
                   "seconds that attention sees at a time: faster on long audio, no longer exact "
                   "(default: all)")
      ->check(CLI::Range(1.0, 3600.0));
  verb->add_option("--overlap", args->windows.overlap_s, "seconds that two windows share")
      ->check(CLI::Range(0.0, 600.0))
      ->capture_default_str();
  verb->add_option("--device", args->device, "auto, cpu or cuda[:N]")->capture_default_str();
  verb->add_flag("--force", args->force, "overwrite what is there");
  example(*verb,
          "kuchi encode logmel speech.wav --out speech.npy --fps 30 features.stack=3\n"
          "  kuchi encode wav2vec2-base speech.wav --out states.npy --layer all");
  verb->callback([args, &context] { run(*args, context.overrides); });
}

}  // namespace kuchi::cli
