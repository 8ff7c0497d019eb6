#include <filesystem>
#include <limits>
#include <memory>

#include "audio/piece_reader.h"
#include "cli/common.h"
#include "cli/post_option.h"
#include "cli/runs.h"
#include "core/error.h"
#include "core/text.h"
#include "curves/track.h"
#include "post/stream.h"
#include "train/ensemble.h"

namespace kuchi::cli {
namespace fs = std::filesystem;
namespace {

struct PredictArgs {
  std::string run, out, format, checkpoint = "best", device = "auto";
  std::vector<std::string> audio, encoders;
  models::Asked told;
  double fps = 0;
  models::Windows windows;
  PostOption post;
  bool ensemble = false, force = false;
};

Matrix at_rate(const Matrix& values, double from, double to, int64_t frames,
               const std::vector<std::string>& names) {
  if (from == to) return values;
  curves::Track track;
  track.names = names;
  track.fps = from;
  track.values = values;
  for (int64_t j = 0; j < values.rows; ++j) {
    track.times_s.push_back(static_cast<double>(j) / from);
  }
  return curves::resample(track, to, frames);
}

Matrix post_process(const post::Options& post, const curves::Rig& rig, double fps,
                    const std::string& audio, Matrix&& values) {
  if (!post.any()) return std::move(values);
  std::optional<audio::PieceReader> again;  // not for stages that do not listen
  return post::apply_to_recording(post, rig, fps, values, [&](std::vector<float>& piece) {
    if (!again) again.emplace(audio, audio::kRate, std::numeric_limits<double>::infinity());
    return again->next(piece);
  });
}

void predict_one(const PredictArgs& args, const train::Ensemble& models, const post::Options& post,
                 const std::string& audio, const fs::path& out, const std::string& format) {
  const auto& card = models.card();
  constexpr double kNoLimit = std::numeric_limits<double>::infinity();
  audio::PieceReader recording(audio, audio::kRate, kNoLimit);
  const auto heard = models.predict(recording, args.windows);
  if (heard.curves.rows == 0) {
    fail_data(audio, "is shorter than one frame of curves; nothing to predict");
  }
  const double fps = args.fps > 0 ? args.fps : card.fps;
  curves::WriteOptions write;
  write.fps = fps;
  write.audio_name = fs::path(audio).filename().string();
  write.force = args.force;
  write.provenance = models.provenance();
  auto values = at_rate(heard.curves, card.fps, fps, features::frame_count(heard.samples, fps),
                        card.rig.names());
  curves::write_track(out, format, card.rig,
                      post_process(post, card.rig, fps, audio, std::move(values)), write);
}

}  // namespace

void add_predict(CLI::App& app, Context& context) {
  auto args = std::make_shared<PredictArgs>();
  auto* verb = app.add_subcommand("predict", "mouth curves for new audio");
  verb->add_option("RUN", args->run, "folder of a run; several with --ensemble")->required();
  verb->add_option("AUDIO", args->audio, "audio files: any container, rate, channels")->required();
  verb->add_flag("--ensemble", args->ensemble, "average the curves of several runs");
  verb->add_option("--out", args->out, "file, or directory for several")->required();
  verb->add_option("--format", args->format,
                   "one of " + join(curves::writable_formats(), ", ") + " (default: by ending)")
      ->check(CLI::IsMember(curves::writable_formats()));
  verb->add_option("--fps", args->fps, "frames a second (default: the model's)")
      ->check(CLI::Range(1.0, 1000.0));
  verb->add_option("--checkpoint", args->checkpoint, "best, last or a step")->capture_default_str();
  verb->add_option("--device", args->device, "auto, cpu, cuda or cuda:N")->capture_default_str();
  verb->add_option("--window", args->windows.window_s,
                   "seconds heard at once; longer audio is heard piece by piece, by a head that "
                   "goes on from its state without a seam, by others in windows; 0: all at once")
      ->check(CLI::Range(0.0, 86400.0))
      ->capture_default_str();
  verb->add_option("--overlap", args->windows.overlap_s,
                   "seconds heard on either side of a window beside what is kept of it")
      ->check(CLI::Range(0.0, 3600.0))
      ->capture_default_str();
  add_told(*verb, args->told);
  add_encoders(*verb, args->encoders);
  args->post.add(*verb);
  verb->add_flag("--force", args->force, "overwrite what is there");
  example(*verb,
          "kuchi predict runs/a speech.wav --out speech.csv --format livelink --fps 60\n"
          "  kuchi predict runs/a runs/b speech.wav --ensemble --out speech.csv\n"
          "  kuchi predict runs/a speech.wav --out speech.csv --post smooth=one_euro --post "
          "clamp=true");
  verb->callback([args, &context] {
    refuse_overrides(context, "predict");
    const auto format = args->format.empty() ? format_by_ending(args->out) : args->format;
    auto runs = take_runs(args->audio);
    runs.insert(runs.begin(), args->run);
    refuse_folders(args->audio);
    check_ensemble(runs, args->ensemble);
    const Files files{args->audio,
                      output_files(args->audio, args->out, curves::usual_ending(format))};
    files.check(args->force);
    train::Ensemble models({runs.begin(), runs.end()}, args->checkpoint, args->device,
                           args->encoders);
    models.tell(args->told);
    // As the first run says, with what was asked for on top.
    const auto post = args->post.over(models.members()[0].trained.post);
    files.each("predict", [&](const std::string& audio, const fs::path& out) {
      predict_one(*args, models, post, audio, out, format);
    });
  });
}

}  // namespace kuchi::cli
