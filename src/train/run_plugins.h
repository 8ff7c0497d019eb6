// src/train/run_plugins.h
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "models/head.h"

namespace kuchi::train {

/// plugins.json of a run: the heads of plug-ins that its model is made of, each with the file that
/// brought it. Not written where there are none.
void write_run_plugins(const std::filesystem::path& run, const models::Options& model);

/// UserError (config) where a head of a run is in no plug-in that was loaded.
void require_run_plugins(const std::filesystem::path& run, const models::Options& model);

/// Sections of heads that a plug-in brought and this model is not made of: a run must be readable
/// without them.
std::vector<std::string> unused_plugin_sections(const models::Options& model);

}  // namespace kuchi::train
