#include "data/pattern.h"

#include <algorithm>

#include "core/text.h"

namespace kuchi::data {
namespace fs = std::filesystem;
namespace {
constexpr const char* kAny = "any";
}

const std::vector<std::string>& placeholder_names() {
  static const std::vector<std::string> names = {"id",      "speaker",   "language", "style",
                                                 "emotion", "intensity", kAny};
  return names;
}

Pattern Pattern::parse(const std::string& text, const Location& at) {
  const auto quoted = [&] { return "\"" + text + "\" "; };
  if (text.empty()) fail_config(at, "is empty; give a path like wav/{id}.wav");
  if (text[0] == '/') fail_config(at, quoted() + "is absolute; patterns are relative to the root");
  Pattern pattern;
  pattern.text_ = text;
  const auto& known = placeholder_names();
  for (const auto& part : kuchi::split(text, '/')) {
    if (part.empty() || part == ".") continue;
    Component component;
    for (size_t i = 0; i < part.size();) {
      if (part[i] == '}') fail_config(at, quoted() + "has a } without its {");
      if (part[i] != '{') {
        const size_t end = std::min(part.find_first_of("{}", i), part.size());
        component.push_back({false, part.substr(i, end - i)});
        i = end;
        continue;
      }
      const size_t close = part.find('}', i);
      if (close == std::string::npos) fail_config(at, quoted() + "has a { without its }");
      const std::string name = part.substr(i + 1, close - i - 1);
      if (std::find(known.begin(), known.end(), name) == known.end()) {
        fail_config(at, cat(quoted(), "has an unknown placeholder {", name, "}",
                            did_you_mean(name, known), " known are ", join(known, ", ")));
      }
      component.push_back({true, name});
      i = close + 1;
    }
    pattern.components_.push_back(std::move(component));
  }
  if (pattern.components_.empty()) fail_config(at, quoted() + "names no file");
  return pattern;
}

// Backtracking, shortest text first. Few tokens a component, so the cost stays small.
bool Pattern::match(const Component& component, size_t token, std::string_view name,
                    Labels& labels) {
  if (token == component.size()) return name.empty();
  const Token& t = component[token];
  if (!t.placeholder) {
    return name.substr(0, t.text.size()) == t.text &&
           match(component, token + 1, name.substr(t.text.size()), labels);
  }
  const bool any = t.text == kAny;
  if (const auto bound = labels.find(t.text); !any && bound != labels.end()) {
    const std::string value = bound->second;
    return name.substr(0, value.size()) == value &&
           match(component, token + 1, name.substr(value.size()), labels);
  }
  for (size_t length = any ? 0 : 1; length <= name.size(); ++length) {
    Labels tried = labels;
    if (!any) tried[t.text] = name.substr(0, length);
    if (match(component, token + 1, name.substr(length), tried)) {
      labels = std::move(tried);
      return true;
    }
  }
  return false;
}

bool Pattern::fixed(const Component& component, const Labels& given, std::string& name) {
  name.clear();
  for (const auto& token : component) {
    if (!token.placeholder) {
      name += token.text;
      continue;
    }
    const auto bound = given.find(token.text);
    if (token.text == kAny || bound == given.end()) return false;
    name += bound->second;
  }
  return true;
}

void Pattern::walk(const fs::path& dir, size_t depth, const Labels& labels,
                   std::vector<Match>& out) const {
  const bool last = depth + 1 == components_.size();
  const auto take = [&](const fs::path& path, const Labels& found) {
    std::error_code ec;
    const auto status = fs::status(path, ec);
    if (last && fs::is_regular_file(status)) {
      out.push_back({path, found});
    } else if (!last && fs::is_directory(status)) {
      walk(path, depth + 1, found, out);
    }
  };
  std::string name;
  if (fixed(components_[depth], labels, name)) return take(dir / name, labels);
  std::error_code ec;
  fs::directory_iterator entries(dir, ec);
  for (; !ec && entries != fs::directory_iterator(); entries.increment(ec)) {
    Labels found = labels;
    if (match(components_[depth], 0, entries->path().filename().string(), found)) {
      take(entries->path(), found);
    }
  }
  if (ec) fail_data(dir, "this directory cannot be read (" + ec.message() + ")");
}

std::vector<Pattern::Match> Pattern::find(const fs::path& root, const Labels& given) const {
  std::vector<Match> out;
  walk(root, 0, given, out);
  std::sort(out.begin(), out.end(),
            [](const Match& a, const Match& b) { return a.path.native() < b.path.native(); });
  return out;
}

std::string Pattern::with(const Labels& given) const {
  std::vector<std::string> parts;
  for (const auto& component : components_) {
    std::string part;
    for (const auto& token : component) {
      const auto bound = given.find(token.text);
      if (!token.placeholder) {
        part += token.text;
      } else if (token.text != kAny && bound != given.end()) {
        part += bound->second;
      } else {
        part += "{" + token.text + "}";
      }
    }
    parts.push_back(part);
  }
  return join(parts, "/");
}

}  // namespace kuchi::data
