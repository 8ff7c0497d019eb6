#include "report/preview.h"

#include <filesystem>
#include <iostream>
#include <memory>

#include "cli/common.h"
#include "core/error.h"
#include "io/atomic_file.h"
#include "report/video.h"

namespace kuchi::cli {
namespace fs = std::filesystem;

namespace {

bool same_place(const fs::path& one, const fs::path& other) {
  std::error_code ec;
  return fs::weakly_canonical(fs::absolute(one), ec) ==
         fs::weakly_canonical(fs::absolute(other), ec);
}

}  // namespace

void add_preview(CLI::App& app, Context& context) {
  struct PreviewArgs {
    std::string out, video, size;
    report::PreviewOptions options;
    report::VideoOptions filmed;
    bool force = false;
  };
  auto args = std::make_shared<PreviewArgs>();
  auto* verb = app.add_subcommand("preview", "a page, or a video, of any sound beside any curves");
  auto& options = args->options;
  verb->add_option("AUDIO", options.audio, "sound: any container, rate, channels")->required();
  verb->add_option("CURVES", options.curves, "curve file of any known format")->required();
  verb->add_option("--target", options.target, "a second curve file, to set beside the first");
  verb->add_option("--phones", options.phones, "a TextGrid or SRT of the sound, shown beside it");
  verb->add_option("--tier", options.tier, "the TextGrid's tier of phones")->capture_default_str();
  verb->add_option("--rig", options.rig,
                   "rig of the curves, by name or file (default: the largest shipped one that "
                   "their names fit)");
  verb->add_option("--names", options.names,
                   "file with the curves' names, for npy and both files (default: FILE.names.txt)");
  verb->add_option("--in-fps", options.in_fps, "rate of files without times, for npy")
      ->check(CLI::Range(1.0, 1000.0));
  verb->add_option("--out", args->out,
                   "HTML file to write (default: CURVES' name with .html, in this folder; with "
                   "--video none)");
  auto* video = verb->add_option("--video", args->video,
                                 "MP4 to write: mouths and sound; made by an installed ffmpeg");
  verb->add_option("--video-fps", args->filmed.fps,
                   "its rate (default: the curves', where that is 24 to 60, else 30)")
      ->check(CLI::Range(1.0, 120.0))
      ->needs(video);
  verb->add_option("--video-size", args->size,
                   "its size (default: 960x540 for two mouths, 540x540 for one)")
      ->needs(video)
      ->type_name("WxH");
  verb->add_flag("--force", args->force, "overwrite what is there");
  example(*verb,
          "kuchi preview take.wav take.csv\n"
          "  kuchi preview take.wav predicted.csv --target captured.csv --phones take.TextGrid "
          "--out take.html\n"
          "  kuchi preview take.wav predicted.csv --target captured.csv --video take.mp4");
  verb->callback([args, &context] {
    refuse_overrides(context, "preview");
    const fs::path video = args->video;
    fs::path page = args->out;
    if (page.empty() && video.empty()) page = args->options.curves.stem() += ".html";
    if (!args->size.empty()) report::set_size(args->filmed, args->size);
    if (!page.empty()) io::refuse_overwrite(page, args->force);
    if (!page.empty() && !video.empty() && same_place(page, video))
      throw UserError(Exit::config, "--out and --video name one file; name two");
    if (!video.empty()) {
      report::check_video_name(video);
      io::refuse_overwrite(video, args->force);
    }
    const auto made = report::preview_page(args->options);
    // The video first: it is what can fail late, and then nothing was written.
    if (!video.empty()) {
      report::write_video(video, made, args->options.audio, args->filmed);
      std::cout << video.string() << std::endl;
    }
    if (!page.empty()) {
      io::write_atomically(page, report::to_html(made));
      std::cout << page.string() << std::endl;
    }
  });
}

}  // namespace kuchi::cli
