#include "train/run_plugins.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/text.h"
#include "io/atomic_file.h"
#include "io/json_text.h"
#include "models/head_list.h"

namespace kuchi::train {
namespace fs = std::filesystem;
namespace {

constexpr const char* kFile = "plugins.json";

bool is_part(const std::string& head, const models::Options& model) {
  const auto inner = model.chosen().joins();
  return head == model.head || std::find(inner.begin(), inner.end(), head) != inner.end();
}

}  // namespace

void write_run_plugins(const fs::path& run, const models::Options& model) {
  nlohmann::json list = nlohmann::json::array();
  for (const auto& head : models::registered_heads()) {
    if (is_part(head.name, model)) list.push_back({{"head", head.name}, {"file", head.origin}});
  }
  if (!list.empty()) io::write_atomically(run / kFile, io::json_text(list, 1) + "\n");
}

void require_run_plugins(const fs::path& run, const models::Options& model) {
  std::error_code ec;
  const fs::path file = run / kFile;
  if (!fs::exists(file, ec)) return;
  const auto list = nlohmann::json::parse(io::read_text(file), nullptr, /*allow_exceptions=*/false);
  if (!list.is_array()) fail_data(file, "does not parse; the run folder is damaged");
  for (const auto& one : list) {
    if (!one.is_object() || !one.contains("head") || !one["head"].is_string() ||
        !one.contains("file") || !one["file"].is_string()) {
      fail_data(file, "an entry names no head and file; the run folder is damaged");
    }
    const auto head = one["head"].get<std::string>();
    if (std::any_of(model.kinds.begin(), model.kinds.end(),
                    [&](const auto& kind) { return kind->name() == head; })) {
      continue;
    }
    throw UserError(Exit::config,
                    cat(run.string(), ": its head \"", printable(head), "\" comes from a plug-in, ",
                        printable(one["file"].get<std::string>()),
                        " when it was trained; name that with --plugin FILE.so"));
  }
}

std::vector<std::string> unused_plugin_sections(const models::Options& model) {
  std::vector<std::string> out;
  for (const auto& head : models::registered_heads()) {
    if (!is_part(head.name, model)) out.push_back("model." + head.name);
  }
  return out;
}

}  // namespace kuchi::train
