#include <algorithm>

#include "config/paths.h"
#include "config/schema.h"
#include "core/text.h"

namespace kuchi::config {
namespace fs = std::filesystem;
namespace {

fs::path find_default(const std::string& name, const fs::path& from, const Location& at) {
  for (const fs::path& base : {from.parent_path(), config_dir()}) {
    for (const char* ending : {"", ".yaml", ".yml"}) {
      fs::path candidate = base / (name + ending);
      std::error_code ec;
      if (fs::is_regular_file(candidate, ec)) return candidate;
    }
  }
  fail_config(
      at, cat("no configuration \"", name, "\" beside this file or in ", config_dir().string()));
}

/// The file itself where it exists; else the shipped one of that name, spelled as in the source
/// tree ("configs/debug/tiny.yaml") or as in `defaults` ("debug/tiny"); else the file, for the
/// error.
fs::path here_or_shipped(const fs::path& file) {
  std::error_code ec;
  if (file.is_absolute() || fs::exists(file, ec)) return file;
  for (const fs::path& base : {config_dir().parent_path(), config_dir()}) {
    for (const char* ending : {"", ".yaml"}) {
      fs::path candidate = base / (file.string() + ending);
      if (fs::is_regular_file(candidate, ec)) return candidate;
    }
  }
  return file;
}

/// What follows `defaults:`: a name or a list of names.
std::vector<Node> names_of(const Node& value) {
  if (value.is_scalar()) return {value};
  if (value.is_map()) fail_config(value.at, "defaults needs names, like [base, model/bilstm]");
  return value.items;
}

/// said: where the file is named; the file itself where it is the first.
void load_into(const fs::path& file, const Location& said, const Schema& schema,
               std::vector<fs::path>& open, std::vector<fs::path>& seen,
               std::vector<Assignment>& out) {
  const fs::path real = fs::weakly_canonical(file);
  if (std::find(open.begin(), open.end(), real) != open.end()) {
    fail_config(said, cat(file.string(), " includes itself through its defaults; take it out"));
  }
  Node root = load_yaml(file);
  open.push_back(real);
  seen.push_back(file);
  if (root.is_map()) {
    const auto it = std::find_if(root.entries.begin(), root.entries.end(),
                                 [](const Node::Entry& e) { return e.key == "defaults"; });
    if (it != root.entries.end()) {
      const auto names = names_of(it->value);
      root.entries.erase(it);
      for (const auto& item : names) {
        load_into(find_default(item.text(), file, item.at), item.at, schema, open, seen, out);
      }
    }
  }
  for (auto& assignment : flatten(root, schema)) out.push_back(std::move(assignment));
  open.pop_back();
}

}  // namespace

std::vector<Assignment> load_config(const fs::path& file, const Schema& schema,
                                    std::vector<fs::path>* files) {
  std::vector<fs::path> open, seen;
  std::vector<Assignment> out;
  const auto found = here_or_shipped(file);
  load_into(found, {found.string()}, schema, open, seen, out);
  if (files != nullptr) *files = seen;
  return out;
}

}  // namespace kuchi::config
