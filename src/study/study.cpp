#include "study/study.h"

#include <algorithm>
#include <cmath>
#include <functional>

#include "core/text.h"

namespace kuchi::study {
namespace fs = std::filesystem;
namespace {
using config::Node;

/// Reads a map's keys by name; what is left over is a mistake.
class Fields {
 public:
  Fields(const Node& node, std::string what) : node_(node), what_(std::move(what)) {
    if (!node.is_map()) fail_config(node.at, cat(what_, " must be a map of keys and values"));
  }
  const Node* take(const std::string& key) {
    known_.push_back(key);
    return node_.find(key);
  }
  void done() const {
    for (const auto& entry : node_.entries) {
      if (std::find(known_.begin(), known_.end(), entry.key) == known_.end()) {
        fail_config(entry.key_at,
                    cat("unknown key \"", entry.key, "\" in ", what_,
                        did_you_mean(entry.key, known_), "; it may have ", join(known_, ", ")));
      }
    }
  }

 private:
  const Node& node_;
  std::string what_;
  std::vector<std::string> known_;
};

Choice read_choice(const Node& node, const std::string& what) {
  if (node.kind == Node::Kind::null) return {};
  if (!node.is_map()) {
    fail_config(node.at, cat(what, " must be keys with values, like {model.head: lstm}"));
  }
  Choice out;  // a section is opened by who knows the schema
  for (const auto& entry : node.entries) out.push_back({entry.key, entry.key_at, entry.value});
  return out;
}

int64_t positive(const Node& node, const std::string& what, int64_t most) {
  const auto value = node.integer();
  if (value < 1 || value > most) {
    fail_config(node.at, cat(what, " must be from 1 to ", most, "; it is ", value));
  }
  return value;
}

Node number_node(double value, bool integer, const Location& at) {
  Node out;
  out.kind = Node::Kind::scalar;
  out.scalar = integer ? std::to_string(std::llround(value)) : number(value);
  out.at = at;
  return out;
}

/// {from, to, steps, log}
Range read_range(const Node& node) {
  Fields fields(node, "a range");
  Range range;
  const Node* from = fields.take("from");
  const Node* to = fields.take("to");
  if (from == nullptr || to == nullptr) fail_config(node.at, "a range needs from and to");
  range.from = from->number();
  range.to = to->number();
  if (const auto* log = fields.take("log")) range.log = log->boolean();
  if (const auto* steps = fields.take("steps")) {
    range.steps = positive(*steps, "steps", 1000);
    if (range.steps < 2)
      fail_config(steps->at, "steps must be 2 or more: both ends are among them");
  }
  long long whole = 0;
  range.integer =
      from->is_scalar() && parse_integer(from->scalar, whole) && parse_integer(to->scalar, whole);
  if (const auto* integer = fields.take("integer")) range.integer = integer->boolean();
  fields.take("when");
  fields.done();
  if (!(range.from < range.to)) fail_config(node.at, "a range must rise: from below to");
  if (range.log && range.from <= 0) {
    fail_config(from->at, "a range with log must begin above 0");
  }
  return range;
}

std::vector<Node> steps_of(const Range& range, const Location& at) {
  std::vector<Node> out;
  for (int64_t i = 0; i < range.steps; ++i) {
    const double share = static_cast<double>(i) / static_cast<double>(range.steps - 1);
    const double value = range.log ? range.from * std::pow(range.to / range.from, share)
                                   : range.from + share * (range.to - range.from);
    auto node = number_node(i + 1 == range.steps ? range.to : value, range.integer, at);
    if (out.empty() || out.back().scalar != node.scalar) out.push_back(std::move(node));
  }
  return out;
}

Factor read_factor(const Node::Entry& entry) {
  Factor out;
  out.key = entry.key;
  out.at = entry.key_at;
  const Node* value = &entry.value;
  if (value->is_map()) {
    const Node* when = value->find("when");
    if (when != nullptr) out.when = read_choice(*when, "when");
    if (const Node* values = value->find("values")) {
      Fields fields(*value, "a factor");
      fields.take("values");
      fields.take("when");
      fields.done();
      value = values;
    } else {
      out.range = read_range(*value);
      if (out.range->steps > 0) out.values = steps_of(*out.range, value->at);
      return out;
    }
  }
  if (!value->is_sequence() || value->items.empty()) {
    fail_config(value->at, cat("factor ", entry.key,
                               " needs its values: a list like [1, 2, 3], or a range like "
                               "{from: 1e-4, to: 1e-2, log: true, steps: 3}"));
  }
  out.values = value->items;
  for (size_t i = 0; i < out.values.size(); ++i) {
    for (size_t j = 0; j < i; ++j) {
      if (flow_text(out.values[i]) == flow_text(out.values[j])) {
        fail_config(out.values[i].at,
                    cat("factor ", entry.key, " has ", flow_text(out.values[i]), " twice"));
      }
    }
  }
  return out;
}

void read_list(const Node& node, Study& study) {
  if (!node.is_sequence() || node.items.empty()) {
    fail_config(node.at, "list needs entries like {name: lips, loss.lips: 30}");
  }
  for (const auto& item : node.items) {
    Listed listed;
    listed.at = item.at;
    listed.choice = read_choice(item, "an entry of list");
    const auto name = std::find_if(listed.choice.begin(), listed.choice.end(),
                                   [](const auto& c) { return c.key == "name"; });
    if (name != listed.choice.end()) {
      listed.name = name->value.text();
      listed.choice.erase(name);
    } else {
      listed.name = words(listed.choice);
    }
    for (const auto& other : study.list) {
      if (other.name == listed.name) {
        fail_config(item.at, cat("two entries of list are called \"", listed.name, "\""));
      }
    }
    study.list.push_back(std::move(listed));
  }
}

void read_folds(const Node& node, Study& study) {
  const Node* by = &node;
  if (node.is_map()) {
    Fields fields(node, "cross_validation");
    by = fields.take("by");
    if (const auto* valid = fields.take("valid")) {
      const auto& text = valid->text();
      if (text != "next" && text != "none") {
        fail_config(valid->at, "valid must be none or next: the next fold is then validated on");
      }
      study.valid_next = text == "next";
    }
    fields.done();
    if (by == nullptr) fail_config(node.at, "cross_validation needs by: clip, speaker or a number");
  }
  long long count = 0;
  const auto& text = by->text();
  if (text == "none") {
    study.folds = Folds::none;
  } else if (text == "clip") {
    study.folds = Folds::clips;
  } else if (text == "speaker") {
    study.folds = Folds::speakers;
  } else if (parse_integer(text, count) && count >= 2 && count <= 1000) {
    study.folds = Folds::number;
    study.fold_count = count;
  } else {
    fail_config(by->at, cat("cross_validation must be clip, speaker or a number of folds from 2; "
                            "it is ",
                            text));
  }
}

void read_seeds(const Node& node, Study& study) {
  study.seeds.clear();
  if (node.is_sequence()) {
    for (const auto& item : node.items) {
      const auto seed = item.integer();
      if (seed < 0) fail_config(item.at, "a seed must be 0 or more");
      if (std::find(study.seeds.begin(), study.seeds.end(), seed) != study.seeds.end()) {
        fail_config(item.at, cat("seed ", seed, " stands twice"));
      }
      study.seeds.push_back(seed);
    }
    if (study.seeds.empty()) fail_config(node.at, "seeds needs one at least");
    return;
  }
  const auto count = positive(node, "seeds", 1000);
  for (int64_t s = 0; s < count; ++s) study.seeds.push_back(s);
}

Halving read_halving(const Node& node) {
  Fields fields(node, "halving");
  Halving out;
  out.at = node.at;
  if (const auto* key = fields.take("key")) out.key = key->text();
  const auto* budgets = fields.take("budgets");
  if (budgets == nullptr || !budgets->is_sequence() || budgets->items.size() < 2) {
    fail_config(node.at, "halving needs budgets, two or more that rise, like [100, 200, 400]");
  }
  for (size_t i = 0; i < budgets->items.size(); ++i) {
    if (i > 0 && budgets->items[i].number() <= budgets->items[i - 1].number()) {
      fail_config(budgets->items[i].at, "budgets must rise");
    }
  }
  out.budgets = budgets->items;
  if (const auto* keep = fields.take("keep")) {
    out.keep = keep->number();
    if (!(out.keep > 0 && out.keep < 1)) {
      fail_config(keep->at, "keep is the share that goes on, above 0 and below 1");
    }
  }
  fields.done();
  return out;
}

void read_compare(const Node& node, Study& study) {
  Fields fields(node, "compare");
  if (const auto* metric = fields.take("metric")) study.metric = metric->text();
  if (const auto* curve = fields.take("curve")) study.curve = curve->text();
  if (const auto* baseline = fields.take("baseline")) {
    if (baseline->is_scalar()) {  // by the name it has in the list
      Node name = *baseline;
      study.baseline = Choice{{"name", baseline->at, name}};
    } else {
      study.baseline = read_choice(*baseline, "baseline");
    }
  }
  if (const auto* questions = fields.take("questions")) {
    if (!questions->is_sequence()) {
      fail_config(questions->at, "questions is a list of {a: {key: value}, b: {key: value}}");
    }
    for (const auto& item : questions->items) {
      Fields two(item, "a question");
      Question question;
      question.at = item.at;
      const auto* a = two.take("a");
      const auto* b = two.take("b");
      if (a == nullptr || b == nullptr) fail_config(item.at, "a question needs a and b");
      two.done();
      const auto read = [](const Node& side, const char* what) {
        return side.is_scalar() ? Choice{{"name", side.at, side}} : read_choice(side, what);
      };
      question.a = read(*a, "a");
      question.b = read(*b, "b");
      study.questions.push_back(std::move(question));
    }
  }
  fields.done();
}

Search search_of(const Node& node) {
  const std::vector<std::pair<std::string, Search>> kinds = {{"grid", Search::grid},
                                                             {"random", Search::random},
                                                             {"list", Search::list},
                                                             {"halving", Search::halving}};
  std::vector<std::string> names;
  for (const auto& [name, kind] : kinds) {
    if (name == node.text()) return kind;
    names.push_back(name);
  }
  fail_config(node.at, cat("search must be one of ", join(names, ", "), "; it is ", node.text(),
                           did_you_mean(node.text(), names)));
}

/// What belongs together is there, and what would be ignored is not.
void check(const Study& study, const Node& root) {
  const auto where = [&](const char* key) {
    const auto* node = root.find(key);
    return node != nullptr ? node->at : Location{study.file.string()};
  };
  if (study.search == Search::list) {
    if (study.list.empty()) fail_config(where("search"), "search: list needs a list");
    if (!study.factors.empty()) {
      fail_config(where("factors"), "search: list takes its settings from list, not from factors");
    }
  } else {
    if (!study.list.empty()) {
      fail_config(where("list"), "a list is taken by search: list only; leave it out or say so");
    }
    if (study.factors.empty()) {
      fail_config(where("search"), "nothing is varied; give factors, or search: list and a list");
    }
  }
  const bool draws = study.search == Search::random || study.search == Search::halving;
  if (study.draws > 0 && !draws) {
    fail_config(where("trials"), "trials is how many settings search: random or halving draws");
  }
  if (study.search == Search::random && study.draws == 0) {
    fail_config(where("search"), "search: random needs trials, how many settings are drawn");
  }
  if ((study.search == Search::halving) != study.halving.has_value()) {
    fail_config(where("search"), "search: halving and a section halving go together");
  }
  for (const auto& factor : study.factors) {
    if (factor.values.empty() && study.draws == 0) {
      fail_config(factor.at,
                  cat("factor ", factor.key, " is a range; a grid needs its steps, like steps: 3"));
    }
    for (const auto& condition : factor.when) {
      const auto on = std::find_if(study.factors.begin(), study.factors.end(),
                                   [&](const Factor& f) { return f.key == condition.key; });
      if (on == study.factors.end() || &*on >= &factor) {
        fail_config(condition.key_at,
                    cat("when names ", condition.key, ", which is no factor above ", factor.key));
      }
    }
  }
}

}  // namespace

fs::path find_base(const std::string& name, const fs::path& study) {
  for (const char* ending : {"", ".yaml", ".yml"}) {
    const fs::path beside = study.parent_path() / (name + ending);
    if (fs::is_regular_file(beside)) return beside;
  }
  return name;
}

std::string flow_text(const Node& value) {
  switch (value.kind) {
    case Node::Kind::null:
      return "null";
    case Node::Kind::scalar:
      // Quoted text must not become a number when it is read again.
      return value.quoted && config::yaml_scalar(value.scalar) == value.scalar
                 ? "\"" + value.scalar + "\""
                 : (value.quoted ? config::yaml_scalar(value.scalar) : value.scalar);
    case Node::Kind::sequence: {
      std::vector<std::string> items;
      for (const auto& item : value.items) items.push_back(flow_text(item));
      return "[" + join(items, ", ") + "]";
    }
    case Node::Kind::map: {
      std::vector<std::string> items;
      for (const auto& entry : value.entries) {
        items.push_back(cat(config::yaml_scalar(entry.key), ": ", flow_text(entry.value)));
      }
      return "{" + join(items, ", ") + "}";
    }
  }
  return "";
}

std::string words(const Choice& choice) {
  std::vector<std::string> out;
  for (const auto& c : choice) out.push_back(cat(c.key, "=", flow_text(c.value)));
  return out.empty() ? "as the base" : join(out, " ");
}

Study load_study(const fs::path& file) {
  const auto root = config::load_yaml(file);
  Study study;
  study.file = file;
  Fields fields(root, "a study");
  study.name = file.stem().string();
  if (const auto* name = fields.take("name")) study.name = name->text();
  if (const auto* about = fields.take("about")) study.about = about->text();
  const auto* base = fields.take("base");
  if (base == nullptr) {
    fail_config({file.string()},
                "a study needs base, the configuration that it varies, like "
                "base: experiment/synth_bilstm");
  }
  study.base = find_base(base->text(), file);
  if (const auto* overrides = fields.take("overrides")) {
    study.overrides = read_choice(*overrides, "overrides");
  }
  if (const auto* search = fields.take("search")) study.search = search_of(*search);
  if (const auto* factors = fields.take("factors")) {
    if (!factors->is_map()) fail_config(factors->at, "factors must be keys with their values");
    for (const auto& entry : factors->entries) study.factors.push_back(read_factor(entry));
  }
  if (const auto* list = fields.take("list")) read_list(*list, study);
  if (const auto* trials = fields.take("trials")) study.draws = positive(*trials, "trials", 100000);
  if (const auto* seed = fields.take("seed")) {
    study.seed = seed->integer();
    if (study.seed < 0) fail_config(seed->at, "seed must be 0 or more");
  }
  if (const auto* seeds = fields.take("seeds")) read_seeds(*seeds, study);
  if (const auto* folds = fields.take("cross_validation")) read_folds(*folds, study);
  if (const auto* halving = fields.take("halving")) study.halving = read_halving(*halving);
  if (const auto* compare = fields.take("compare")) read_compare(*compare, study);
  fields.done();
  check(study, root);
  return study;
}

}  // namespace kuchi::study
