#include "curves/json_file.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "core/error.h"
#include "core/text.h"
#include "curves/formats.h"
#include "io/atomic_file.h"
#include "io/json_text.h"
#include "io/provenance_json.h"

namespace kuchi::curves {
namespace fs = std::filesystem;
using nlohmann::json;
namespace {

Location place(const fs::path& file, const std::string& text, size_t byte) {
  const auto before = std::string_view(text).substr(0, byte > 0 ? byte - 1 : 0);
  const auto lines = std::count(before.begin(), before.end(), '\n');
  const auto newline = before.rfind('\n');
  const size_t from = newline == std::string_view::npos ? 0 : newline + 1;
  return {file.string(), static_cast<int>(lines) + 1, static_cast<int>(before.size() - from) + 1};
}

/// Sees every key of a document once, while it is parsed.
class KeysOnce {
 public:
  explicit KeysOnce(const fs::path& file) : file_(file) {}
  bool operator()(int, json::parse_event_t event, json& parsed) {
    if (event == json::parse_event_t::object_start) open_.emplace_back();
    if (event == json::parse_event_t::object_end) open_.pop_back();
    if (event == json::parse_event_t::key && !open_.back().insert(parsed).second) {
      fail_data(file_, cat("the key ", io::json_text(parsed).substr(0, 60),
                           " stands twice in one object; keep one"));
    }
    return true;
  }

 private:
  const fs::path& file_;
  std::vector<std::set<std::string>> open_;  // the keys so far of each object around this place
};

}  // namespace

json parse_json(const fs::path& file, const std::string& text) {
  try {
    return json::parse(text, KeysOnce(file));
  } catch (const json::parse_error& error) {
    fail_data(place(file, text, error.byte), "is no valid JSON here; export it again");
  } catch (const json::exception&) {
    fail_data(file, "holds a number too large for any curve; export it again");
  }
}

json read_json(const fs::path& file) { return parse_json(file, io::read_text(file)); }

bool has_json_key(std::string_view text, std::string_view key) {
  const std::string quoted = cat('"', key, '"');
  for (size_t at = text.find(quoted); at != text.npos; at = text.find(quoted, at + 1)) {
    const size_t next = text.find_first_not_of(" \t\r\n", at + quoted.size());
    if (next != text.npos && text[next] == ':') return true;
  }
  return false;
}

bool has_json_keys(std::string_view head, std::initializer_list<std::string_view> keys) {
  const auto found =
      std::count_if(keys.begin(), keys.end(), [&](auto key) { return has_json_key(head, key); });
  const bool cut = head.size() >= kHeadBytes;  // a long list may stand before another key
  return found == static_cast<std::ptrdiff_t>(keys.size()) || (cut && found > 0);
}

char first_character(std::string_view text) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  const auto first = text.find_first_not_of(" \t\r\n");
  return first == text.npos ? '\0' : text[first];
}

JsonNode JsonNode::below(const json& value, Step step) const {
  JsonNode node = *this;
  node.value_ = &value;
  if (depth_ < kDeepest) node.steps_[node.depth_++] = step;
  return node;
}

std::string JsonNode::path() const {
  std::string out;
  for (size_t i = 0; i < depth_; ++i) {
    const auto& step = steps_[i];
    if (step.key.empty()) {
      out += cat('[', step.index, ']');
    } else {
      out += cat(out.empty() ? "" : ".", step.key.substr(0, 60));
    }
  }
  return printable(out);
}

void JsonNode::fail(const std::string& what) const {
  const std::string at = path();
  fail_data(*file_, at.empty() ? what : cat(at, ": ", what));
}

const JsonNode& JsonNode::need_array() const {
  if (!is_array()) fail("a list [ ] is needed here; export it again");
  return *this;
}

const JsonNode& JsonNode::need_object() const {
  if (!is_object()) fail("an object { } is needed here; export it again");
  return *this;
}

JsonNode JsonNode::at(const char* key) const {
  need_object();
  const auto found = find(key);
  if (!found) fail(cat("\"", key, "\" is missing; export it again"));
  return *found;
}

std::optional<JsonNode> JsonNode::find(const char* key) const {
  if (!is_object()) return std::nullopt;
  const auto found = value_->find(key);
  if (found == value_->end()) return std::nullopt;
  return below(*found, {found.key(), 0});
}

std::optional<JsonNode> JsonNode::find_any(std::initializer_list<const char*> keys) const {
  for (const char* key : keys) {
    if (const auto found = find(key)) return found;
  }
  return std::nullopt;
}

JsonNode JsonNode::item(size_t i) const {
  need_array();
  if (i >= size()) fail(cat("has ", size(), " items, number ", i + 1, " is asked for; mend it"));
  return below((*value_)[i], {"", i});
}

std::vector<JsonNode> JsonNode::items() const {
  need_array();
  std::vector<JsonNode> out;
  out.reserve(size());
  for (size_t i = 0; i < size(); ++i) out.push_back(item(i));
  return out;
}

JsonNode JsonNode::entry(const std::string& key) const {
  const auto found = value_->find(key);
  return below(*found, {found.key(), 0});
}

double JsonNode::number(bool text_too) const {
  double out = 0;
  if (value_->is_number()) {
    out = value_->get<double>();
  } else if (!(text_too && is_string() && parse_number(trim(text()), out))) {
    fail("is no number; mend it");
  }
  if (!std::isfinite(out) || std::abs(out) > 1e30) fail("is no usable number; mend or cut it");
  return out;
}

int64_t JsonNode::index(int64_t limit) const {
  if (!value_->is_number_integer()) fail("is no whole number; export it again");
  const bool huge = value_->is_number_unsigned() && value_->get<uint64_t>() > uint64_t{1} << 62;
  const auto out = huge ? int64_t{-1} : value_->get<int64_t>();
  if (limit == 0) fail("refers to a list that is empty; export it again");
  if (out < 0 || out >= limit) {
    fail(cat(io::json_text(*value_), " is not from 0 to ", limit - 1, "; export it again"));
  }
  return out;
}

const std::string& JsonNode::text() const {
  if (!is_string()) fail("is no text; export it again");
  return value_->get_ref<const std::string&>();
}

std::vector<std::string> JsonNode::names() const {
  std::vector<std::string> out;
  std::set<std::string> seen;
  for (size_t i = 0; i < need_array().size(); ++i) {
    const auto node = item(i);
    if (!node.is_string()) node.fail("is no name; mend it");
    if (!seen.insert(node.text()).second) {
      node.fail(cat("\"", node.text().substr(0, 60), "\" is there twice; keep one"));
    }
    out.push_back(node.text());
  }
  return out;
}

Provenance provenance_of(const json& object) {
  if (!object.is_object()) return {};
  const auto said = object.find("provenance");
  return said == object.end() ? Provenance{} : io::provenance_from_json(*said);
}

std::string provenance_key(const Provenance& provenance) {
  if (provenance == Provenance{}) return "";
  return ",\n\"provenance\": " + io::json_text(io::to_json(provenance));
}

}  // namespace kuchi::curves
