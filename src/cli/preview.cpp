#include "report/preview.h"

#include <filesystem>
#include <iostream>
#include <memory>

#include "cli/common.h"
#include "io/atomic_file.h"

namespace kuchi::cli {
namespace fs = std::filesystem;

void add_preview(CLI::App& app, Context& context) {
  struct PreviewArgs {
    std::string out;
    report::PreviewOptions options;
    bool force = false;
  };
  auto args = std::make_shared<PreviewArgs>();
  auto* verb = app.add_subcommand("preview", "a page that plays any sound beside any curves");
  auto& options = args->options;
  verb->add_option("AUDIO", options.audio, "sound: any container, rate, channels")->required();
  verb->add_option("CURVES", options.curves, "curve file of any known format")->required();
  verb->add_option("--target", options.target, "a second curve file, to set beside the first");
  verb->add_option("--rig", options.rig,
                   "rig of the curves, by name or file (default: the largest shipped one that "
                   "their names fit)");
  verb->add_option("--names", options.names,
                   "file with the curves' names, for npy and both files (default: FILE.names.txt)");
  verb->add_option("--in-fps", options.in_fps, "rate of files without times, for npy")
      ->check(CLI::Range(1.0, 1000.0));
  verb->add_option("--out", args->out,
                   "HTML file to write (default: CURVES' name with .html, in this folder)");
  verb->add_flag("--force", args->force, "overwrite what is there");
  example(*verb,
          "kuchi preview take.wav take.csv\n"
          "  kuchi preview take.wav predicted.csv --target captured.csv --out take.html");
  verb->callback([args, &context] {
    refuse_overrides(context, "preview");
    const fs::path out =
        args->out.empty() ? args->options.curves.stem() += ".html" : fs::path(args->out);
    io::refuse_overwrite(out, args->force);
    io::write_atomically(out, report::to_html(report::preview_page(args->options)));
    std::cout << out.string() << std::endl;
  });
}

}  // namespace kuchi::cli
