// src/models/plugins.h
#pragma once

#include <filesystem>

namespace kuchi::models {

/// Loads a plug-in (plugin.h), for as long as the process runs, and registers its heads; one that
/// is loaded already is left as it is. Before any configuration is made, in one thread. The
/// executable must show its symbols of kuchi:: to what it loads (cmake/plugin_symbols.txt).
/// UserError: data for a file that cannot be read; environment, before any of its code has run,
/// for one that is no plug-in or was built from other headers, LibTorch or compiler, and for one
/// that cannot be loaded; config for heads whose names are taken.
void load_plugin(const std::filesystem::path& file);

}  // namespace kuchi::models
