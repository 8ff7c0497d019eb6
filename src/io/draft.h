// src/io/draft.h
#pragma once

#include <filesystem>
#include <string>

namespace kuchi::io {

/// A directory that appears whole or not at all: made under a temporary name beside the one
/// wanted, which it gets with publish(); otherwise it is removed.
class Draft {
 public:
  /// What force may replace: a folder with this file in it, called so in messages.
  struct Kind {
    std::string file;  // "recipe.yaml"
    std::string what;  // "data set"
  };
  /// UserError (config) if `dir` exists, is not empty and force is false, or if force is true and
  /// what is there is not of this kind: force never removes other things.
  Draft(const std::filesystem::path& dir, const Kind& kind, bool force);
  ~Draft();
  Draft(const Draft&) = delete;
  Draft& operator=(const Draft&) = delete;

  const std::filesystem::path& path() const { return path_; }
  /// UserError (environment) if it cannot be renamed.
  void publish();

 private:
  std::filesystem::path dir_, path_;
};

}  // namespace kuchi::io
