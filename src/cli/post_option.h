// src/cli/post_option.h
#pragma once

#include <string>
#include <vector>

#include "cli/verbs.h"
#include "post/options.h"

namespace kuchi::cli {

/// --post KEY=VALUE, as often as wanted: what is done to predicted curves (docs/postprocessing.md).
struct PostOption {
  std::vector<std::string> said;
  void add(CLI::App& verb);
  /// `base` with what was said on top. UserError (config) as for `post.KEY=VALUE` anywhere.
  post::Options over(const post::Options& base) const;
};

}  // namespace kuchi::cli
