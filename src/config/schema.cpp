#include "config/schema.h"

#include <algorithm>

#include "core/text.h"

namespace kuchi::config {
namespace {
void flatten_into(const Node& node, const std::string& prefix, const Schema& schema,
                  std::vector<Assignment>& out) {
  for (const auto& entry : node.entries) {
    const std::string key = prefix.empty() ? entry.key : prefix + "." + entry.key;
    const bool whole = schema.find(key) != nullptr;  // its value, right or wrong, and no section
    // An empty section stays, so that an unknown one is told.
    if (entry.value.is_map() && !entry.value.entries.empty() && !whole) {
      flatten_into(entry.value, key, schema, out);
    } else {
      out.push_back({key, entry.key_at, entry.value});
    }
  }
}

/// An option speaks of the value, or of one in it; the reader wants the key's name as well.
std::string with_key(const std::string& text, const Node& value, const std::string& key) {
  const std::string place = to_string(value.at) + ": ";
  if (text.rfind(place, 0) == 0) return place + key + " " + text.substr(place.size());
  std::string out = text;
  for (const auto& item : value.items) {
    if (out == text) out = with_key(text, item, key);
  }
  for (const auto& entry : value.entries) {
    if (out == text) out = with_key(text, entry.value, key);
  }
  return out;
}
}  // namespace

const Option* Schema::find(const std::string& key) const {
  const auto it = index_.find(key);
  return it == index_.end() ? nullptr : &options_[it->second];
}

std::vector<std::string> Schema::keys() const {
  std::vector<std::string> out;
  for (const auto& option : options_) out.push_back(option.key);
  return out;
}

Location Schema::origin(const std::string& key) const {
  const auto it = origins_.find(key);
  return it == origins_.end() ? Location{"default"} : it->second;
}

bool Schema::is_section(const std::string& key) const {
  const auto it = index_.lower_bound(key + ".");
  return it != index_.end() && it->first.rfind(key + ".", 0) == 0;
}

void Schema::apply_one(const Assignment& a) {
  const Option* option = find(a.key);
  if (option == nullptr) {
    if (is_section(a.key)) {
      const bool empty = a.value.is_map() && a.value.entries.empty();
      if (empty || a.value.kind == Node::Kind::null) return;  // it says nothing
      fail_config(a.key_at, cat("\"", a.key, "\" is a section; give its keys, like ", a.key, ".",
                                index_.lower_bound(a.key + ".")->first.substr(a.key.size() + 1)));
    }
    fail_config(a.key_at, cat("unknown key \"", a.key, "\"", did_you_mean(a.key, keys())));
  }
  if (a.value.is_map() && option->type.rfind("map", 0) != 0) {
    const bool text = option->type == "text";  // "signed: by all" reads as a map
    fail_config(a.key_at, cat(a.key, " takes ", option->type, ", not a section",
                              text ? "; a text with \": \" in it needs quotes" : ""));
  }
  try {
    option->set(a.value);
  } catch (const UserError& e) {
    throw UserError(e.code(), with_key(e.what(), a.value, a.key));
  }
  origins_[a.key] = a.key_at;
}

void Schema::apply(const std::vector<Assignment>& assignments) {
  std::vector<std::string> mistakes;
  for (const auto& assignment : assignments) {
    try {
      apply_one(assignment);
    } catch (const UserError& e) {
      if (std::find(mistakes.begin(), mistakes.end(), e.what()) == mistakes.end()) {
        mistakes.emplace_back(e.what());
      }
    }
  }
  if (!mistakes.empty()) throw UserError(Exit::config, join(mistakes, "\n"));
}

std::vector<Assignment> flatten(const Node& root, const Schema& schema) {
  std::vector<Assignment> out;
  if (root.kind == Node::Kind::null) return out;
  if (!root.is_map()) fail_config(root.at, "needs sections and keys, like \"train:\"");
  flatten_into(root, "", schema, out);
  return out;
}

Assignment parse_override(const std::string& text) {
  const Location at{"command line: " + text};
  const auto equals = text.find('=');
  if (equals == std::string::npos || equals == 0) {
    fail_config(at, "is no override; write section.key=value");
  }
  Assignment a;
  a.key = text.substr(0, equals);
  a.key_at = at;
  const std::string value = text.substr(equals + 1);
  try {
    a.value = parse_yaml(value, at.file);
  } catch (const UserError&) {
    a.value.kind = Node::Kind::scalar;  // "a: b: c" is text all the same
    a.value.scalar = value;
  }
  const std::function<void(Node&)> place = [&](Node& node) {
    node.at = at;
    for (auto& item : node.items) place(item);
    for (auto& entry : node.entries) {
      entry.key_at = at;
      place(entry.value);
    }
  };
  place(a.value);
  return a;
}

}  // namespace kuchi::config
