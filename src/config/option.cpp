#include <algorithm>
#include <cmath>

#include "config/schema.h"
#include "core/text.h"

namespace kuchi::config {
namespace {

std::string show_list(const std::vector<std::string>& items) {
  return "[" + join(items, ", ") + "]";
}

const std::vector<Node>& list_of(const Node& node) {
  if (!node.is_sequence()) fail_config(node.at, "needs a list, like [a, b]");
  return node.items;
}

}  // namespace

Option& Option::help(std::string text) {
  help_text = std::move(text);
  return *this;
}
Option& Option::unit(std::string text) {
  unit_text = std::move(text);
  return *this;
}
Option& Option::at_least(double bound) {
  low = bound;
  low_open = false;
  return *this;
}
Option& Option::above(double bound) {
  low = bound;
  low_open = true;
  return *this;
}
Option& Option::at_most(double bound) {
  high = bound;
  high_open = false;
  return *this;
}
Option& Option::below(double bound) {
  high = bound;
  high_open = true;
  return *this;
}
Option& Option::choices(std::vector<std::string> values) {
  choice_list = std::move(values);
  return *this;
}
Option& Option::odd() {
  must_be_odd = true;
  return *this;
}

std::string Option::range_text() const {
  if (!choice_list.empty()) return "one of " + join(choice_list, ", ");
  std::vector<std::string> parts;
  if (must_be_odd) parts.push_back("odd");
  if (low > -1e300) parts.push_back((low_open ? "above " : "at least ") + kuchi::number(low));
  if (high < 1e300) parts.push_back((high_open ? "below " : "at most ") + kuchi::number(high));
  return join(parts, ", ");
}

void Option::check_number(double value, const Node& node) const {
  const bool low_ok = low_open ? value > low : value >= low;
  const bool high_ok = high_open ? value < high : value <= high;
  const bool odd_ok = !must_be_odd || std::fmod(std::abs(value), 2) == 1;
  if (!low_ok || !high_ok || !odd_ok) {
    fail_config(node.at, cat("must be ", range_text(), "; it is ", kuchi::number(value)));
  }
}

void Option::check_choice(const std::string& value, const Node& node) const {
  if (choice_list.empty()) return;
  if (std::find(choice_list.begin(), choice_list.end(), value) == choice_list.end()) {
    fail_config(node.at, cat("must be one of ", join(choice_list, ", "), "; it is \"", value, "\"",
                             did_you_mean(value, choice_list)));
  }
}

void Option::set(const Node& value) const { assign(*this, value); }

void Section::about(const std::string& text) {
  schema_.about_[prefix_.empty() ? "" : prefix_.substr(0, prefix_.size() - 1)] = text;
}

Option& Section::declare(const std::string& name, std::string type) {
  Option option;
  option.key = prefix_ + name;
  option.type = std::move(type);
  if (schema_.index_.count(option.key) > 0) {
    throw std::logic_error("option declared twice: " + option.key);
  }
  schema_.index_[option.key] = schema_.options_.size();
  schema_.options_.push_back(std::move(option));
  return schema_.options_.back();
}

Option& Section::add(const std::string& name, bool& target) {
  Option& o = declare(name, "boolean");
  o.assign = [&target](const Option&, const Node& node) { target = node.boolean(); };
  o.show = [&target] { return std::string(target ? "true" : "false"); };
  o.default_text = o.show();
  return o;
}

Option& Section::add(const std::string& name, int64_t& target) {
  Option& o = declare(name, "integer");
  o.assign = [&target](const Option& self, const Node& node) {
    const auto value = node.integer();
    self.check_number(static_cast<double>(value), node);
    target = value;
  };
  o.show = [&target] { return std::to_string(target); };
  o.default_text = o.show();
  return o;
}

Option& Section::add(const std::string& name, double& target) {
  Option& o = declare(name, "number");
  o.assign = [&target](const Option& self, const Node& node) {
    const double value = node.number();
    self.check_number(value, node);
    target = value;
  };
  o.show = [&target] { return kuchi::number(target); };
  o.default_text = o.show();
  return o;
}

Option& Section::add(const std::string& name, std::string& target) {
  Option& o = declare(name, "text");
  o.assign = [&target](const Option& self, const Node& node) {
    const std::string value = node.kind == Node::Kind::null ? "" : node.text();
    self.check_choice(value, node);
    target = value;
  };
  o.show = [&target] { return yaml_scalar(target); };
  o.default_text = o.show();
  return o;
}

Option& Section::add(const std::string& name, std::vector<std::string>& target) {
  Option& o = declare(name, "list of text");
  o.assign = [&target](const Option& self, const Node& node) {
    std::vector<std::string> values;
    if (node.is_scalar()) {
      values.push_back(node.text());  // one name needs no brackets
    } else if (node.kind != Node::Kind::null) {
      for (const auto& item : list_of(node)) values.push_back(item.text());
    }
    for (const auto& value : values) self.check_choice(value, node);
    target = values;
  };
  o.show = [&target] {
    std::vector<std::string> texts;
    for (const auto& item : target) texts.push_back(yaml_scalar(item));
    return show_list(texts);
  };
  o.default_text = o.show();
  return o;
}

Option& Section::add(const std::string& name, std::vector<int64_t>& target) {
  Option& o = declare(name, "list of integers");
  o.assign = [&target](const Option& self, const Node& node) {
    std::vector<int64_t> values;
    for (const auto& item : list_of(node)) {
      values.push_back(item.integer());
      self.check_number(static_cast<double>(values.back()), item);
    }
    target = values;
  };
  o.show = [&target] {
    std::vector<std::string> texts;
    for (const auto item : target) texts.push_back(std::to_string(item));
    return show_list(texts);
  };
  o.default_text = o.show();
  return o;
}

Option& Section::add(const std::string& name, std::vector<double>& target) {
  Option& o = declare(name, "list of numbers");
  o.assign = [&target](const Option& self, const Node& node) {
    std::vector<double> values;
    for (const auto& item : list_of(node)) {
      values.push_back(item.number());
      self.check_number(values.back(), item);
    }
    target = values;
  };
  o.show = [&target] {
    std::vector<std::string> texts;
    for (const auto item : target) texts.push_back(kuchi::number(item));
    return show_list(texts);
  };
  o.default_text = o.show();
  return o;
}

Option& Section::add(const std::string& name, std::map<std::string, double>& target) {
  Option& o = declare(name, "map of numbers");
  o.assign = [&target](const Option& self, const Node& node) {
    std::map<std::string, double> values;
    if (node.kind != Node::Kind::null && !node.is_map()) {
      fail_config(node.at, "needs a map, like {jawOpen: 2}");
    }
    for (const auto& entry : node.entries) {
      values[entry.key] = entry.value.number();
      self.check_number(values[entry.key], entry.value);
    }
    target = values;
  };
  o.show = [&target] {
    std::vector<std::string> texts;
    for (const auto& [key, value] : target) {
      texts.push_back(yaml_scalar(key) + ": " + kuchi::number(value));
    }
    return "{" + join(texts, ", ") + "}";
  };
  o.default_text = o.show();
  return o;
}

Option& Section::add(const std::string& name, std::map<std::string, std::vector<double>>& target) {
  Option& o = declare(name, "map of lists of numbers");
  o.assign = [&target](const Option& self, const Node& node) {
    std::map<std::string, std::vector<double>> values;
    if (node.kind != Node::Kind::null && !node.is_map()) {
      fail_config(node.at, "needs a map of lists, like {velocity: [0.2, 0.6]}");
    }
    for (const auto& entry : node.entries) {
      auto& list = values[entry.key];
      for (const auto& item : list_of(entry.value)) {
        list.push_back(item.number());
        self.check_number(list.back(), item);
      }
    }
    target = values;
  };
  o.show = [&target] {
    std::vector<std::string> texts;
    for (const auto& [key, list] : target) {
      std::vector<std::string> items;
      for (const double item : list) items.push_back(kuchi::number(item));
      texts.push_back(yaml_scalar(key) + ": " + show_list(items));
    }
    return "{" + join(texts, ", ") + "}";
  };
  o.default_text = o.show();
  return o;
}

}  // namespace kuchi::config
