#pragma once

#include <filesystem>

#include "report/page.h"
#include "train/evaluate_run.h"

namespace kuchi::train {

/// Title, facts, provenance and training curves of a run's page, from its folder. page.suite and
/// page.rig must be there.
void add_facts(report::Page& page, const std::filesystem::path& run, const Judging& judging);

/// The trainings of other runs, to be drawn beside the page's own. UserError (data): no run folder.
void add_others(report::Page& page, const std::vector<std::filesystem::path>& runs);

}  // namespace kuchi::train
