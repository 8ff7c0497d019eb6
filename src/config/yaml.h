// src/config/yaml.h
#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "core/error.h"

namespace kuchi::config {

/// A YAML document with the place of every key and value, free of yaml-cpp's types.
struct Node {
  enum class Kind { null, scalar, sequence, map };
  struct Entry;

  Kind kind = Kind::null;
  std::string scalar;
  bool quoted = false;  // "1" is text where 1 is a number
  std::vector<Node> items;
  std::vector<Entry> entries;  // in the file's order, keys unique
  Location at;

  bool is_map() const { return kind == Kind::map; }
  bool is_sequence() const { return kind == Kind::sequence; }
  bool is_scalar() const { return kind == Kind::scalar; }
  /// nullptr if this is no map or has no such key.
  const Node* find(const std::string& key) const;

  // Typed readers; a UserError (config) with the place where the node is not that.
  const std::string& text() const;
  double number() const;
  long long integer() const;
  bool boolean() const;
};

struct Node::Entry {
  std::string key;
  Location key_at;
  Node value;
};

/// Parses a file; syntax errors, duplicate keys and unreadable files are UserErrors (config)
/// with file:line:col. Anchors and aliases work; depth and size are limited.
Node load_yaml(const std::filesystem::path& file);
/// The same for text; `name` stands in for the file in messages.
Node parse_yaml(const std::string& text, const std::string& name);

/// Quotes a scalar for YAML where it must be.
std::string yaml_scalar(const std::string& text);

}  // namespace kuchi::config
