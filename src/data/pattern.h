#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.h"
#include "data/recipe.h"

namespace kuchi::data {

/// The placeholders a pattern may have, in the order in which they make an id unique; "any" is
/// matched and forgotten.
const std::vector<std::string>& placeholder_names();

/// A path with placeholders, like "{speaker}/wav/{id}.wav".
///
/// A placeholder stands for some text within one path component ({any} for none as well), as
/// short as possible; one that comes twice stands for the same text both times.
class Pattern {
 public:
  /// UserError (config) at `at`: an unknown placeholder, an open brace, an absolute path.
  static Pattern parse(const std::string& text, const Location& at);

  struct Match {
    std::filesystem::path path;  // root / …
    Labels labels;               // given ones and new ones, without {any}
  };
  /// Files under root that fit, where the labels of `given` are fixed, sorted by path. Reads only
  /// the directories that a placeholder needs. UserError (data) for a directory that cannot be
  /// read.
  std::vector<Match> find(const std::filesystem::path& root, const Labels& given = {}) const;

  /// The text with the given labels put in.
  std::string with(const Labels& given) const;
  const std::string& text() const { return text_; }

 private:
  struct Token {
    bool placeholder = false;
    std::string text;  // literal, or the placeholder's name
  };
  using Component = std::vector<Token>;
  static bool match(const Component& component, size_t token, std::string_view name,
                    Labels& labels);
  static bool fixed(const Component& component, const Labels& given, std::string& name);
  void walk(const std::filesystem::path& dir, size_t depth, const Labels& labels,
            std::vector<Match>& out) const;

  std::string text_;
  std::vector<Component> components_;
};

}  // namespace kuchi::data
