#include "cli/runs.h"

#include <algorithm>

#include "core/error.h"
#include "core/text.h"
#include "train/run.h"

namespace kuchi::cli {

void check_ensemble(const std::vector<std::string>& runs, bool ensemble) {
  if (ensemble && runs.size() < 2) {
    throw UserError(Exit::config,
                    "command line: --ensemble averages several runs; name two or more");
  }
  if (!ensemble && runs.size() > 1) {
    throw UserError(Exit::config, cat("command line: ", runs[1],
                                      ": a second run; several are averaged with --ensemble"));
  }
}

std::vector<std::string> take_runs(std::vector<std::string>& files) {
  const auto end = std::find_if_not(files.begin(), files.end(),
                                    [](const auto& path) { return train::is_run(path); });
  std::vector<std::string> runs(files.begin(), end);
  files.erase(files.begin(), end);
  return runs;
}

}  // namespace kuchi::cli
