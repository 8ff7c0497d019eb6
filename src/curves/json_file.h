// src/curves/json_file.h
#pragma once

#include <array>
#include <filesystem>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/provenance.h"

namespace kuchi::curves {

/// Parses a whole file. UserError (data) with file:line:col for what is no JSON, and for a key that
/// an object has twice, of which one would be lost.
nlohmann::json parse_json(const std::filesystem::path& file, const std::string& text);
nlohmann::json read_json(const std::filesystem::path& file);

/// Whether a text, such as a file's beginning, has `"key":` anywhere. Case counts.
bool has_json_key(std::string_view text, std::string_view key);
/// The same of several: all of them or, of a file too long to be seen whole, one of them.
bool has_json_keys(std::string_view head, std::initializer_list<std::string_view> keys);
/// The first character that is no blank or byte-order mark; '\0': none.
char first_character(std::string_view text);

/// A value in a JSON file that knows where it stands: "frames[3].weights". Refers to the document,
/// which must outlive it. Whatever is not as asked is a UserError (data) with file and place.
class JsonNode {
 public:
  JsonNode(const std::filesystem::path& file, const nlohmann::json& root)
      : file_(&file), value_(&root) {}

  const nlohmann::json& value() const { return *value_; }
  bool is_object() const { return value_->is_object(); }
  bool is_array() const { return value_->is_array(); }
  bool is_string() const { return value_->is_string(); }
  size_t size() const { return value_->size(); }

  /// A key that must be there.
  JsonNode at(const char* key) const;
  std::optional<JsonNode> find(const char* key) const;
  /// The first of several keys that is there.
  std::optional<JsonNode> find_any(std::initializer_list<const char*> keys) const;
  JsonNode item(size_t i) const;
  /// The items of a list / the entries of an object by name.
  std::vector<JsonNode> items() const;
  JsonNode entry(const std::string& key) const;

  /// A finite number; with `text_too` one in quotes as well.
  double number(bool text_too = false) const;
  /// A whole number from 0 to below `limit`.
  int64_t index(int64_t limit) const;
  const std::string& text() const;
  /// A list of texts, each once.
  std::vector<std::string> names() const;
  const JsonNode& need_array() const;
  const JsonNode& need_object() const;

  /// "frames[3].weights: what is wrong; what to do"
  [[noreturn]] void fail(const std::string& what) const;

 private:
  struct Step {
    std::string_view key;  // or, where it is empty, an item
    size_t index = 0;
  };
  static constexpr size_t kDeepest = 12;  // of what any format asks for
  JsonNode below(const nlohmann::json& value, Step step) const;
  std::string path() const;

  const std::filesystem::path* file_;
  const nlohmann::json* value_;
  std::array<Step, kDeepest> steps_{};
  size_t depth_ = 0;
};

/// `{"provenance": {…}}` of an object; empty where there is none.
Provenance provenance_of(const nlohmann::json& object);
/// `, "provenance": {…}` to go among an object's keys; "" where there is nothing to say.
std::string provenance_key(const Provenance& provenance);

}  // namespace kuchi::curves
