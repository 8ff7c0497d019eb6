#include "cli/runs.h"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <set>

#include "core/error.h"
#include "core/text.h"
#include "train/run.h"

namespace kuchi::cli {

void check_ensemble(const std::vector<std::string>& runs, bool ensemble) {
  std::set<std::filesystem::path> seen;
  for (const auto& run : runs) {
    std::error_code ec;
    if (ensemble && !seen.insert(std::filesystem::weakly_canonical(run, ec)).second) {
      throw UserError(Exit::config, cat("command line: ", run,
                                        ": is named twice; a mean counts it "
                                        "double, so name each run once"));
    }
  }
  if (ensemble && runs.size() < 2) {
    throw UserError(Exit::config, cat("command line: --ensemble averages several runs, and only ",
                                      runs[0], " is one; name two or more, before anything else"));
  }
  if (!ensemble && runs.size() > 1) {
    throw UserError(Exit::config, cat("command line: ", runs[1],
                                      ": a second run; several are averaged with --ensemble"));
  }
}

void refuse_folders(const std::vector<std::string>& audio) {
  for (const auto& path : audio) {
    std::error_code ec;
    if (!std::filesystem::is_directory(path, ec)) continue;
    if (!train::is_run(path)) fail_data(path, "is a folder and no run; name audio files");
    throw UserError(Exit::config,
                    cat("command line: ", path, ": is a run, and runs come before the audio"));
  }
}

std::vector<std::string> take_runs(std::vector<std::string>& files) {
  const auto end = std::find_if_not(files.begin(), files.end(),
                                    [](const auto& path) { return train::is_run(path); });
  std::vector<std::string> runs(files.begin(), end);
  files.erase(files.begin(), end);
  return runs;
}

void add_told(CLI::App& verb, models::Asked& asked) {
  const auto name = [&](const char* option, std::optional<std::string>& to, const char* help) {
    verb.add_option_function<std::string>(
            option, [&to](const std::string& text) { to = text; }, help)
        ->type_name("NAME");
  };
  name("--speaker", asked.speaker,
       "whose face it is, of the speakers that the model learnt (model.condition.speaker; default: "
       "nobody's)");
  name("--style", asked.style,
       "how it is said, of the styles that the model learnt (model.condition.style)");
  verb.add_option_function<double>(
          "--intensity", [&asked](double value) { asked.intensity = value; },
          "how much of the style: 1 as it was learnt, 0 none")
      ->check(CLI::Range(0.0, 10.0));
}

void add_vertices(CLI::App& verb, std::string& basis, std::string& unit) {
  verb.add_option(
      "--vertex-basis", basis,
      "how curves move a mesh, for lve, mve and fdd: an NPY file [curves, vertices, 3] with "
      "its names beside, a folder of OBJ files, none, or auto: the lips that come with the "
      "program (docs/metrics.md)");
  verb.add_option("--vertex-unit", unit, "what its numbers are: m, cm or mm")
      ->check(CLI::IsMember({"m", "cm", "mm"}));
}

void add_encoders(CLI::App& verb, std::vector<std::string>& encoders) {
  verb.add_option("--encoder", encoders,
                  "where the encoder lies now that a run stands on, if it was moved")
      ->type_name("DIR")
      ->allow_extra_args(false);
}

}  // namespace kuchi::cli
