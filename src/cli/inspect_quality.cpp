#include "cli/inspect_quality.h"

#include <filesystem>

#include "core/error.h"
#include "core/log.h"
#include "core/text.h"
#include "data/recipe.h"
#include "data/store.h"
#include "io/atomic_file.h"
#include "report/quality_page.h"

namespace kuchi::cli {
namespace fs = std::filesystem;

void QualityArgs::check() const {
  if (!page.empty()) io::refuse_overwrite(page, force);
}

std::optional<quality::Inspection> inspect_quality(const std::string& path, const std::string& kind,
                                                   const QualityArgs& args) {
  const bool wanted = args.asked || !args.page.empty();
  std::optional<quality::Inspection> found;
  if (kind == "recipe") {
    const auto recipe = data::load_recipe(path);
    quality::InspectOptions options;
    options.root = args.root;
    std::error_code ec;
    const fs::path root = args.root.empty() ? recipe.root : fs::path(args.root);
    if (!wanted && !fs::is_directory(root, ec)) {
      note(cat(root.string(), ": no such directory, so the captures are not looked at"));
      return std::nullopt;
    }
    for (const auto& todo : recipe.todo) warn(todo);
    found = quality::inspect_recipe(recipe, options);
  } else if (kind == "store" && wanted) {
    found = quality::inspect_store(data::Store::open(path));
  } else if (wanted) {
    throw UserError(Exit::config,
                    cat(path, ": is of kind ", kind, "; quality control is of recipes and stores"));
  }
  if (found && !args.page.empty()) {
    io::write_atomically(args.page, report::quality_html(*found));
  }
  return found;
}

}  // namespace kuchi::cli
