#include <filesystem>
#include <memory>

#include "audio/audio.h"
#include "cli/common.h"
#include "core/error.h"
#include "core/text.h"
#include "features/features.h"
#include "io/npy.h"
#include "train/experiment.h"

namespace kuchi::cli {
namespace fs = std::filesystem;
namespace {

struct Args {
  std::string encoder, out;
  std::vector<std::string> audio;
  double fps = 0;
  bool force = false;
};

/// Features of one file: [frames, dim] at fps, or on the feature's own clock where fps is 0.
Matrix encode(const features::Options& options, const std::string& file, double fps) {
  const auto samples = audio::read(file);
  if (fps == 0) return features::base_frames(options, samples);
  const auto frames = features::frame_count(static_cast<int64_t>(samples.size()), fps);
  if (frames == 0) fail_data(file, cat("is shorter than one frame at ", number(fps), " fps"));
  return features::compute(options, samples, fps, frames);
}

/// What was asked for is done or refused.
void refuse_useless(const std::string& override_text, double fps) {
  if (override_text.rfind("features.", 0) != 0) {
    throw UserError(Exit::config, cat("command line: ", override_text,
                                      ": kuchi encode takes features.key=value alone"));
  }
  if (fps == 0 && override_text.rfind("features.stack=", 0) == 0) {
    throw UserError(Exit::config, cat("command line: ", override_text,
                                      ": frames are stacked around curve frames; give --fps too"));
  }
}

}  // namespace

void add_encode(CLI::App& app, Context& context) {
  auto args = std::make_shared<Args>();
  auto* verb = app.add_subcommand("encode", "what a model hears: features of audio as NPY");
  verb->add_option("ENCODER", args->encoder, "logmel")
      ->required()
      ->check(CLI::IsMember({"logmel"}));
  verb->add_option("AUDIO", args->audio, "audio files: any container, rate, channels")->required();
  verb->add_option("--out", args->out, "file, or directory for several")
      ->required()
      ->type_name("FILE.npy");
  verb->add_option("--fps", args->fps,
                   "at curve frames, stacked, as models take them (default: every 10 ms, 80 bands)")
      ->check(CLI::Range(1.0, 1000.0));
  verb->add_flag("--force", args->force, "overwrite what is there");
  example(*verb, "kuchi encode logmel speech.wav --out speech.npy --fps 30 features.stack=3");
  verb->callback([args, &context] {
    for (const auto& o : context.overrides) refuse_useless(o, args->fps);
    train::Experiment experiment;
    train::load(experiment, "", context.overrides);
    const Files files{args->audio, output_files(args->audio, args->out, ".npy")};
    files.check(args->force);
    files.each("encode", [&](const std::string& audio, const fs::path& out) {
      io::write_npy(out, encode(experiment.features, audio, args->fps));
    });
  });
}

}  // namespace kuchi::cli
