#include "config/yaml.h"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <cmath>

#include "core/text.h"
#include "io/atomic_file.h"

namespace kuchi::config {
namespace {

constexpr size_t kMaxBytes = 64 << 20;
constexpr int kMaxDepth = 64;
constexpr size_t kMaxNodes = 4'000'000;  // aliases of aliases grow without bound

struct Converter {
  const std::string& name;
  size_t nodes = 0;

  Location place(const YAML::Mark& mark) const {  // yaml-cpp counts from 0
    return {name, mark.line + 1, mark.column + 1};
  }

  Node convert(const YAML::Node& in, int depth) {
    Node out;
    out.at = place(in.Mark());
    if (depth > kMaxDepth) fail_config(out.at, cat("nested deeper than ", kMaxDepth, " levels"));
    if (++nodes > kMaxNodes) fail_config(out.at, "too many values; check the aliases");
    switch (in.Type()) {
      case YAML::NodeType::Undefined:
      case YAML::NodeType::Null:
        break;
      case YAML::NodeType::Scalar:
        out.kind = Node::Kind::scalar;
        out.scalar = in.Scalar();
        out.quoted = in.Tag() == "!";
        break;
      case YAML::NodeType::Sequence:
        out.kind = Node::Kind::sequence;
        for (const auto& item : in) out.items.push_back(convert(item, depth + 1));
        break;
      case YAML::NodeType::Map:
        out.kind = Node::Kind::map;
        for (const auto& pair : in) add_entry(out, pair.first, pair.second, depth);
        break;
    }
    return out;
  }

  void add_entry(Node& map, const YAML::Node& key, const YAML::Node& value, int depth) {
    const Location at = place(key.Mark());
    if (!key.IsScalar()) fail_config(at, "a key must be plain text");
    const auto before = std::find_if(map.entries.begin(), map.entries.end(),
                                     [&](const auto& e) { return e.key == key.Scalar(); });
    if (before != map.entries.end()) {
      fail_config(at, cat("key \"", key.Scalar(), "\" stands here twice, first on line ",
                          before->key_at.line, "; keep one"));
    }
    map.entries.push_back({key.Scalar(), at, convert(value, depth + 1)});
    // yaml-cpp has no place for a value that is not there.
    if (map.entries.back().value.kind == Node::Kind::null) map.entries.back().value.at = at;
  }
};

[[noreturn]] void wrong(const Node& node, const char* wanted) {
  std::string have;
  switch (node.kind) {
    case Node::Kind::null:
      have = "nothing";
      break;
    case Node::Kind::scalar:
      have = "\"" + node.scalar + "\"";
      break;
    case Node::Kind::sequence:
      have = "a list";
      break;
    case Node::Kind::map:
      have = "a section";
      break;
  }
  fail_config(node.at, cat("needs ", wanted, ", has ", have));
}

}  // namespace

const Node* Node::find(const std::string& key) const {
  for (const auto& entry : entries) {
    if (entry.key == key) return &entry.value;
  }
  return nullptr;
}

const std::string& Node::text() const {
  if (!is_scalar()) wrong(*this, "text");
  return scalar;
}

double Node::number() const {
  double value = 0;
  if (!is_scalar() || quoted || !parse_number(scalar, value) || !std::isfinite(value)) {
    wrong(*this, "a number");
  }
  return value;
}

long long Node::integer() const {
  long long value = 0;
  if (!is_scalar() || quoted) wrong(*this, "a whole number");
  if (parse_integer(scalar, value)) return value;
  double real = 0;  // 1e4 is a whole number too
  if (parse_number(scalar, real) && real >= -9e15 && real <= 9e15 &&
      real == static_cast<double>(static_cast<long long>(real))) {
    return static_cast<long long>(real);
  }
  wrong(*this, "a whole number");
}

bool Node::boolean() const {
  const std::string s = is_scalar() && !quoted ? lower(scalar) : "";
  if (s == "true" || s == "yes" || s == "on") return true;
  if (s == "false" || s == "no" || s == "off") return false;
  wrong(*this, "true or false");
}

Node parse_yaml(const std::string& text, const std::string& name) {
  if (text.find('\0') != std::string::npos) fail_config({name}, "is binary, not YAML");
  try {
    const auto documents = YAML::LoadAll(text);
    if (documents.size() > 1) {
      fail_config({name, documents[1].Mark().line + 1, 0},
                  "a second document (after ---); keep one in a file");
    }
    Node node = Converter{name}.convert(documents.empty() ? YAML::Node() : documents[0], 0);
    if (node.at.line <= 0) node.at = {name, 1, 1};
    return node;
  } catch (const YAML::Exception& e) {
    Location at{name, e.mark.line + 1, e.mark.column + 1};
    if (e.mark.is_null()) at = {name};
    fail_config(at, "this is not YAML: " + e.msg);
  }
}

Node load_yaml(const std::filesystem::path& file) {
  std::string text;
  try {
    text = io::read_text(file, kMaxBytes);
  } catch (const UserError& e) {
    throw UserError(Exit::config, e.what());  // a configuration file, so exit 2
  }
  return parse_yaml(text, file.string());
}

std::string yaml_scalar(const std::string& text) {
  double number_value = 0;
  const std::string low = lower(text);
  const bool word = low == "true" || low == "false" || low == "yes" || low == "no" || low == "on" ||
                    low == "off" || low == "null" || low == "~" || low.empty();
  const bool plain = !word && !parse_number(text, number_value) &&
                     text.find_first_not_of(
                         "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./-") ==
                         std::string::npos &&
                     text[0] != '-' && text[0] != '.' && !(text[0] >= '0' && text[0] <= '9');
  if (plain) return text;
  std::string out = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    if (c == '\n') {
      out += "\\n";
    } else {
      out += c;
    }
  }
  return out + "\"";
}

}  // namespace kuchi::config
