// How a schema shows itself: resolved YAML, JSON Schema for editors, the reference page.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "config/schema.h"
#include "core/text.h"

namespace kuchi::config {
namespace {

using Json = nlohmann::ordered_json;

std::string indent(size_t depth) { return std::string(2 * depth, ' '); }

nlohmann::json value_schema(const Option& o) {
  nlohmann::json j;
  const bool list = o.type.rfind("list", 0) == 0, map = o.type.rfind("map", 0) == 0;
  nlohmann::json item;
  if (o.type.find("integer") != std::string::npos) {
    item["type"] = "integer";
  } else if (o.type.find("number") != std::string::npos) {
    item["type"] = "number";
  } else if (o.type == "boolean") {
    item["type"] = "boolean";
  } else {
    item["type"] = "string";
    // An unquoted 0.2 or yes is text where text is wanted.
    if (o.choice_list.empty()) item["type"] = {"string", "number", "boolean"};
    if (o.choice_list.empty() && !list) item["type"].push_back("null");
  }
  if (o.low > -1e300) item[o.low_open ? "exclusiveMinimum" : "minimum"] = o.low;
  if (o.high < 1e300) item[o.high_open ? "exclusiveMaximum" : "maximum"] = o.high;
  if (!o.choice_list.empty()) item["enum"] = o.choice_list;
  if (list) {
    nlohmann::json array = {{"type", "array"}, {"items", item}};
    j = o.type == "list of text" ? nlohmann::json{{"anyOf", {array, item}}} : array;
  } else if (map) {
    const bool of_lists = o.type.find("lists") != std::string::npos;
    j = {{"type", "object"}};
    j["additionalProperties"] =
        of_lists ? nlohmann::json{{"type", "array"}, {"items", item}} : item;
  } else {
    j = item;
  }
  j["description"] = o.help_text + (o.unit_text.empty() ? "" : " [" + o.unit_text + "]");
  return j;
}

}  // namespace

std::string Option::meaning() const {
  std::string out = help_text;
  if (!unit_text.empty()) out += " [" + unit_text + "]";
  const auto range = range_text();
  if (!range.empty()) out += (out.empty() ? "" : "; ") + range;
  return out;
}

std::string Schema::to_yaml(const std::vector<std::string>& without) const {
  std::string out;
  std::vector<std::string> open;
  for (const auto& option : options_) {
    const auto inside = [&](const auto& section) {
      return option.key.rfind(section + ".", 0) == 0;
    };
    if (std::any_of(without.begin(), without.end(), inside)) continue;
    const auto parts = split(option.key, '.');
    size_t same = 0;
    while (same < open.size() && same + 1 < parts.size() && open[same] == parts[same]) ++same;
    open.resize(same);
    for (; open.size() + 1 < parts.size();) {
      out += indent(open.size()) + parts[open.size()] + ":\n";
      open.push_back(parts[open.size()]);
    }
    out += indent(open.size()) + parts.back() + ": " + option.show() + "\n";
  }
  return out;
}

nlohmann::json Schema::to_json_schema(const std::string& title) const {
  nlohmann::json root = {{"$schema", "http://json-schema.org/draft-07/schema#"},
                         {"title", title},
                         {"type", "object"},
                         {"additionalProperties", false},
                         {"properties", nlohmann::json::object()}};
  root["properties"]["defaults"] = {
      {"description", "configurations to start from; later keys win"},
      {"anyOf", {{{"type", "string"}}, {{"type", "array"}, {"items", {{"type", "string"}}}}}}};
  for (const auto& option : options_) {
    nlohmann::json* at = &root;
    const auto parts = split(option.key, '.');
    for (size_t i = 0; i + 1 < parts.size(); ++i) {
      auto& child = (*at)["properties"][parts[i]];
      if (child.is_null()) {
        child = {{"type", {"object", "null"}},
                 {"additionalProperties", false},
                 {"properties", nlohmann::json::object()}};
      }
      at = &child;
    }
    auto leaf = value_schema(option);
    (*at)["properties"][parts.back()] = leaf;
  }
  return root;
}

std::string Schema::to_markdown(const std::string& title) const {
  std::string out = "# " + title + "\n";
  std::string section = "\n";
  for (const auto& option : options_) {
    const auto dot = option.key.rfind('.');
    const std::string here = dot == std::string::npos ? "" : option.key.substr(0, dot);
    if (here != section) {
      section = here;
      out += "\n## " + (here.empty() ? "top level" : "`" + here + "`") + "\n\n";
      if (const auto it = about_.find(here); it != about_.end()) out += it->second + "\n\n";
      out += "| key | type | default | meaning |\n|---|---|---|---|\n";
    }
    std::string meaning = option.meaning();
    for (size_t at = 0; (at = meaning.find('|', at)) != std::string::npos; at += 2) {
      meaning.replace(at, 1, "\\|");
    }
    out += "| `" + option.key + "` | " + option.type + " | `" + option.default_text + "` | " +
           meaning + " |\n";
  }
  return out;
}

}  // namespace kuchi::config
