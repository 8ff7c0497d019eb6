#include "cli/common.h"

#include <iostream>

#include "core/error.h"
#include "core/interrupt.h"
#include "core/log.h"
#include "core/text.h"
#include "io/atomic_file.h"
#include "io/json_text.h"

namespace kuchi::cli {

void JsonOption::add(CLI::App& verb) {
  verb.add_option("--json", file, "results as JSON to FILE, or - for stdout")->type_name("FILE");
  if (verb.get_option_no_throw("--force") == nullptr) {
    verb.add_flag("--force", force, "overwrite what is there");
  }
}

void JsonOption::check() const {
  if (!file.empty() && !on_stdout()) io::refuse_overwrite(file, force);
}

void JsonOption::write(const nlohmann::ordered_json& json) const {
  if (file.empty()) return;
  const std::string text = io::json_text(json, 1) + "\n";
  if (on_stdout()) {
    std::cout << text << std::flush;
    if (!std::cout) fail_environment("standard output: writing failed");
  } else {
    io::write_atomically(file, text);
  }
}

void refuse_overrides(const Context& context, const std::string& verb) {
  if (context.overrides.empty()) return;
  throw UserError(Exit::config, cat("command line: ", context.overrides[0], ": kuchi ", verb,
                                    " takes no section.key=value; see kuchi ", verb, " --help"));
}

std::string format_by_ending(const std::filesystem::path& file) {
  const auto ending = lower(file.extension().string());
  if (ending == ".npy" || ending == ".npz") return ending.substr(1);
  if (ending == ".gltf" || ending == ".glb") return "gltf";
  if (ending == ".tsv") return "rhubarb";
  return ending == ".json" ? "a2f" : "livelink";
}

std::vector<std::filesystem::path> output_files(const std::vector<std::string>& inputs,
                                                const std::filesystem::path& out,
                                                const std::string& ending) {
  if (inputs.empty()) throw UserError(Exit::config, "command line: no audio file is named");
  std::error_code ec;
  if (inputs.size() == 1 && !std::filesystem::is_directory(out, ec) && out.has_extension()) {
    return {out};
  }
  std::vector<std::filesystem::path> files;
  for (const auto& input : inputs) {
    files.push_back(out / (std::filesystem::path(input).stem().string() + ending));
    for (size_t i = 0; i + 1 < files.size(); ++i) {
      if (files[i] == files.back()) {
        throw UserError(Exit::config, cat(files[i].string(), ": both ", inputs[i], " and ", input,
                                          " would go there; name them apart"));
      }
    }
  }
  return files;
}

void Files::check(bool force) const {
  for (const auto& file : outputs) io::refuse_overwrite(file, force);
}

void Files::each(
    const std::string& verb,
    const std::function<void(const std::string&, const std::filesystem::path&)>& work) const {
  Progress progress(verb, static_cast<int64_t>(outputs.size()));
  for (size_t i = 0; i < outputs.size(); ++i) {
    check_interrupt();
    work(inputs[i], outputs[i]);
    progress.at(static_cast<int64_t>(i) + 1);
  }
  progress.finish();
  for (const auto& file : outputs) std::cout << file.string() << "\n";
  std::cout << std::flush;
}

void example(CLI::App& verb, const std::string& text) { verb.footer("Example:\n  " + text); }

}  // namespace kuchi::cli
