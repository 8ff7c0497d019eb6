#pragma once

#include <string>
#include <vector>

#include "cli/verbs.h"
#include "models/told.h"

namespace kuchi::cli {

/// UserError (config) where several runs stand without --ensemble, or --ensemble with one run.
void check_ensemble(const std::vector<std::string>& runs, bool ensemble);

/// UserError for a folder among audio files: a run in the wrong place (config), or no run (data).
void refuse_folders(const std::vector<std::string>& audio);

/// Takes the run folders at the beginning of `files` out of them: kuchi predict RUN RUN2 a.wav.
std::vector<std::string> take_runs(std::vector<std::string>& files);

/// --speaker NAME, --style NAME and --intensity X, for models trained with model.condition.
void add_told(CLI::App& verb, models::Asked& asked);

/// --vertex-basis and --vertex-unit, as eval.vertex_basis and eval.vertex_unit.
void add_vertices(CLI::App& verb, std::string& basis, std::string& unit);

/// --encoder DIR, as often as wanted: where an encoder lies now that a run stands on.
void add_encoders(CLI::App& verb, std::vector<std::string>& encoders);

}  // namespace kuchi::cli
