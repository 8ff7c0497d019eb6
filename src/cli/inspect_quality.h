#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "quality/inspect_set.h"

namespace kuchi::cli {

/// Quality control as `kuchi inspect` has it: of a recipe whose data are there always, of a store
/// where it is asked for or a page is.
struct QualityArgs {
  bool asked = false;
  std::string root;  // data.root
  std::string page;  // --out
  bool force = false;
  /// Before the work: a page that exists stops it early.
  void check() const;
};

/// Nothing where there is nothing to judge: another kind of file, or a recipe without its data
/// (UserError (data) where it was asked for). Writes the page.
std::optional<quality::Inspection> inspect_quality(const std::string& path, const std::string& kind,
                                                   const QualityArgs& args);

}  // namespace kuchi::cli
