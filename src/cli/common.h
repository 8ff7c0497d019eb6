// src/cli/common.h
#pragma once

#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>

#include "cli/verbs.h"

namespace kuchi::cli {

/// --json FILE and --force, as verbs that write results have them.
struct JsonOption {
  std::string file;  // "-": stdout, "": not asked for
  bool force = false;
  void add(CLI::App& verb);
  /// Before the work: a file that exists stops it early.
  void check() const;
  void write(const nlohmann::ordered_json& json) const;
  bool on_stdout() const { return file == "-"; }
};

/// UserError (config) if overrides were given to a verb that takes none.
void refuse_overrides(const Context& context, const std::string& verb);

/// The curve format that a file's name asks for: .npy, .npz, .json (Audio2Face), .gltf and .glb,
/// .tsv (Rhubarb's cues), else Live Link CSV.
std::string format_by_ending(const std::filesystem::path& file);

/// Where each input's result goes: `out` itself for one input, else out/INPUT.ending (`out` is a
/// directory where there are several inputs, or where its name has no ending). UserError (config)
/// where two would meet or there is no input.
std::vector<std::filesystem::path> output_files(const std::vector<std::string>& inputs,
                                                const std::filesystem::path& out,
                                                const std::string& ending);

/// What a verb makes of each of several files.
struct Files {
  std::vector<std::string> inputs;
  std::vector<std::filesystem::path> outputs;
  /// UserError (config) for an output that is there and must not be replaced.
  void check(bool force) const;
  /// work(input, output) for each pair, with a progress bar; then prints the outputs.
  void each(
      const std::string& verb,
      const std::function<void(const std::string&, const std::filesystem::path&)>& work) const;
};

/// "Example:\n  …" under a verb's help.
void example(CLI::App& verb, const std::string& text);

}  // namespace kuchi::cli
