#include <filesystem>
#include <iostream>
#include <memory>

#include "cli/common.h"
#include "core/error.h"
#include "core/log.h"
#include "core/text.h"
#include "curves/track.h"
#include "data/srt.h"
#include "io/atomic_file.h"

namespace kuchi::cli {
namespace {

using data::is_srt;

bool is_text_grid(const std::string& file) {
  return lower(std::filesystem::path(file).extension().string()) == ".textgrid";
}

/// Labels over time, which are no curves: a tier of a TextGrid as subtitles, and back.
void convert_labels(const std::string& in, const std::string& tier, const std::string& out) {
  if (!is_srt(out) && !is_text_grid(out)) {
    throw UserError(Exit::config, cat(out, ": ", in,
                                      " holds labels, which are no curves; call the file .srt or "
                                      ".TextGrid"));
  }
  auto labels =
      is_srt(in) ? data::read_srt(in) : data::interval_tier(data::read_text_grid(in), tier, in);
  labels.name = tier;
  const auto text = is_srt(out) ? data::to_srt(labels) : data::to_text_grid(labels);
  if (text.empty()) fail_data(in, cat("tier \"", tier, "\" has no label; nothing was written"));
  io::write_atomically(out, text);
}

}  // namespace

void add_convert(CLI::App& app, Context& context) {
  struct ConvertArgs {
    std::string in, out, to, rig = "arkit", names, tier = "phones";
    double fps = 0, in_fps = 0;
    bool force = false;
  };
  auto args = std::make_shared<ConvertArgs>();
  auto* verb = app.add_subcommand("convert", "from one format of curves to another");
  verb->add_option("IN", args->in,
                   "curve file of any known format, or labels: a TextGrid or SRT, which become "
                   "one another")
      ->required();
  verb->add_option("--out", args->out, "file to write")->required();
  verb->add_option("--to", args->to,
                   "one of " + join(curves::writable_formats(), ", ") + " (default: by ending)")
      ->check(CLI::IsMember(curves::writable_formats()));
  verb->add_option("--rig", args->rig, "rig of the curves, by name or file")->capture_default_str();
  verb->add_option("--fps", args->fps, "frames a second (default: the file's)")
      ->check(CLI::Range(1.0, 1000.0));
  verb->add_option("--names", args->names, "file with the curves' names, for npy and npz");
  verb->add_option("--in-fps", args->in_fps, "rate of a file without times, for npy and npz")
      ->check(CLI::Range(1.0, 1000.0));
  verb->add_option("--tier", args->tier, "of a TextGrid: the tier that is read or made")
      ->capture_default_str();
  verb->add_flag("--force", args->force, "overwrite what is there");
  example(*verb,
          "kuchi convert take.csv --out take.json --to a2f --fps 30\n"
          "  kuchi convert take.TextGrid --out take.srt --tier phones");
  verb->callback([args, &context] {
    refuse_overrides(context, "convert");
    io::refuse_overwrite(args->out, args->force);
    if (is_text_grid(args->in) || is_srt(args->in)) {
      convert_labels(args->in, args->tier, args->out);
      std::cout << args->out << std::endl;
      return;
    }
    if (args->to.empty() && (is_text_grid(args->out) || is_srt(args->out))) {
      throw UserError(Exit::config,
                      cat(args->out, ": labels are not made of curves; IN is a TextGrid or SRT"));
    }
    curves::ReadOptions read;
    read.names_file = args->names;
    read.fps = args->in_fps;
    const auto rig = curves::load_rig(args->rig);
    const auto track = curves::on_rig(curves::read_track(args->in, read), rig, args->in);
    curves::WriteOptions write;
    write.fps = args->fps > 0 ? args->fps : track.fps;
    write.force = args->force;
    write.provenance = track.provenance;
    const auto frames = static_cast<int64_t>(track.times_s.back() * write.fps + 1e-6) + 1;
    const std::string to = args->to.empty() ? format_by_ending(args->out) : args->to;
    curves::write_track(args->out, to, rig, curves::resample(track, write.fps, frames), write);
    if (track.provenance != Provenance{} && !curves::holds_provenance(to, args->out)) {
      note(cat(args->out, ": ", to, " has no place for the provenance that ", args->in, " holds"));
    }
    std::cout << args->out << std::endl;
  });
}

}  // namespace kuchi::cli
