// src/config/paths.h
#pragma once

#include <filesystem>

namespace kuchi::config {

/// The directory with the shipped configurations (base, model/, rigs/ …): KUCHI_CONFIGS if set,
/// else configs/ of the source tree the program was built from, or share/kuchi/configs beside an
/// installed program. This file alone reads the environment for the program.
std::filesystem::path config_dir();

/// Where what is made on the fly is kept (data.synth, data.recipe): KUCHI_CACHE if set, else
/// kuchi/ under XDG_CACHE_HOME or ~/.cache.
std::filesystem::path cache_dir();

}  // namespace kuchi::config
