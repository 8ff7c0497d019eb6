// src/config/schema.h
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <utility>
#include <vector>

#include "config/yaml.h"

namespace kuchi::config {

/// One option: declared once, bound to the field that holds its value. Its parser, range check,
/// suggestion, schema entry and line in the reference all follow from this declaration.
class Option {
 public:
  Option& help(std::string text);
  Option& unit(std::string text);  // "s", "frames", "Hz"
  Option& at_least(double bound);
  Option& above(double bound);
  Option& at_most(double bound);
  Option& below(double bound);
  Option& choices(std::vector<std::string> values);
  Option& odd();

  /// Parses, checks and stores; UserError (config) at the node's place.
  void set(const Node& value) const;

  std::string key;           // dotted, whole
  std::string type;          // boolean, integer, number, text, list of …, map of …
  std::string default_text;  // as YAML, taken when declared
  std::string help_text;
  std::string unit_text;
  std::vector<std::string> choice_list;
  bool must_be_odd = false;
  double low = -1e300, high = 1e300;
  bool low_open = false, high_open = false;

  std::function<void(const Option&, const Node&)> assign;
  std::function<std::string()> show;  // the value now, as YAML

  void check_number(double value, const Node& node) const;
  void check_choice(const std::string& value, const Node& node) const;
  /// "above 0, at most 1", "one of a, b", or "".
  std::string range_text() const;
  /// Help, unit and range in one line: "peak learning rate; above 0, at most 1".
  std::string meaning() const;
};

class Schema;

/// Adds options under a prefix; what a room's describe() gets.
class Section {
 public:
  Section(Schema& schema, std::string prefix) : schema_(schema), prefix_(std::move(prefix)) {}

  Option& add(const std::string& name, bool& target);
  Option& add(const std::string& name, int64_t& target);
  Option& add(const std::string& name, double& target);
  Option& add(const std::string& name, std::string& target);
  Option& add(const std::string& name, std::vector<std::string>& target);
  Option& add(const std::string& name, std::vector<int64_t>& target);
  Option& add(const std::string& name, std::vector<double>& target);
  Option& add(const std::string& name, std::map<std::string, double>& target);
  Option& add(const std::string& name, std::map<std::string, std::vector<double>>& target);
  /// An enum by name: {{"min", Goal::min}, {"max", Goal::max}}.
  template <typename E>
  Option& add_choice(const std::string& name, E& target,
                     const std::vector<std::pair<std::string, E>>& values);
  Section section(const std::string& name) { return {schema_, prefix_ + name + "."}; }
  /// A paragraph for the reference page.
  void about(const std::string& text);

 private:
  Option& declare(const std::string& name, std::string type);
  Schema& schema_;
  std::string prefix_;
};

/// A value meant for an option, and where it was said.
struct Assignment {
  std::string key;  // dotted
  Location key_at;
  Node value;
};

/// All options of something (an experiment, a recipe), in order of declaration.
class Schema {
 public:
  Schema() = default;
  Schema(const Schema&) = delete;
  Schema& operator=(const Schema&) = delete;

  Section section(const std::string& name) { return {*this, name.empty() ? "" : name + "."}; }

  /// Applies all in order (later wins). Every mistake is gathered and thrown as one UserError
  /// (config), a line each: unknown keys with the nearest name, wrong types, values out of range.
  void apply(const std::vector<Assignment>& assignments);

  /// Where a key got its value; {"default"} if nobody set it.
  Location origin(const std::string& key) const;
  bool was_set(const std::string& key) const { return origins_.count(key) > 0; }
  const Option* find(const std::string& key) const;
  const std::deque<Option>& options() const { return options_; }
  std::vector<std::string> keys() const;

  /// All values as nested YAML, in order of declaration: reads back to the same. `without`: whole
  /// names of sections that are left out.
  std::string to_yaml(const std::vector<std::string>& without = {}) const;
  nlohmann::json to_json_schema(const std::string& title) const;
  /// A reference page in Markdown: key, type, default, range, help, by section.
  std::string to_markdown(const std::string& title) const;

 private:
  friend class Section;
  bool is_section(const std::string& key) const;
  void apply_one(const Assignment& assignment);
  std::deque<Option> options_;  // stable addresses
  std::map<std::string, size_t> index_;
  std::map<std::string, Location> origins_;
  std::map<std::string, std::string> about_;
};

template <typename E>
Option& Section::add_choice(const std::string& name, E& target,
                            const std::vector<std::pair<std::string, E>>& values) {
  std::vector<std::string> names;
  for (const auto& [text, value] : values) names.push_back(text);
  Option& o = declare(name, "text").choices(names);
  o.assign = [&target, values](const Option& self, const Node& node) {
    self.check_choice(node.text(), node);
    for (const auto& [text, value] : values) {
      if (text == node.text()) target = value;
    }
  };
  o.show = [&target, values] {
    for (const auto& [text, value] : values) {
      if (value == target) return text;
    }
    return std::string("null");
  };
  o.default_text = o.show();
  return o;
}

/// Flattens a document into dotted assignments, leaves in the file's order. The map under a key
/// that is an option stays whole (the schema knows them): the option says whether it wants one.
std::vector<Assignment> flatten(const Node& root, const Schema& schema);

/// "section.key=value" from a command line; UserError (config) if it has no '='.
Assignment parse_override(const std::string& text);

/// Reads a configuration file with its `defaults: [a, b/c]` first (each relative to the file,
/// then to config_dir(); ".yaml" may be left out), depth-first; a circle is an error. A relative
/// name that is no file here is sought among the shipped ones, as "configs/debug/tiny.yaml" or
/// "debug/tiny". Files that were read are added to `files`.
std::vector<Assignment> load_config(const std::filesystem::path& file, const Schema& schema,
                                    std::vector<std::filesystem::path>* files = nullptr);

}  // namespace kuchi::config
