#include "cli/outline.h"

#include <algorithm>
#include <set>

#include "core/text.h"
#include "curves/rig.h"

namespace kuchi::cli {
namespace {

using Words = std::vector<std::string>;

/// Verbs that take section.key=value; the others refuse it (refuse_overrides).
const std::set<std::string> kTakesOverrides = {"prepare", "train",  "resume",
                                               "lr",      "encode", "config"};

/// Likely words where any text is taken; `name` is an option's or the last part of a key.
Words likely(const std::string& name) {
  if (name == "device") return {"auto", "cpu", "cuda"};
  if (name == "checkpoint") return {"best", "last"};
  if (name == "rig") return curves::shipped_rigs();
  return {};
}

/// "TEXT:{test,valid}" is how CLI11 tells an option's type and what IsMember lets through.
Words members(const std::string& type) {
  const auto open = type.find('{');
  const auto close = type.find('}', open);
  if (close == std::string::npos) return {};
  return split(type.substr(open + 1, close - open - 1), ',');
}

Outline::Option option_of(const CLI::Option& from) {
  Outline::Option out;
  out.by_position = from.get_lnames().empty() && from.get_positional();
  out.name = out.by_position ? from.get_name(true) : "--" + from.get_lnames().front();
  if (!from.get_snames().empty()) out.short_name = "-" + from.get_snames().front();
  const auto type = from.get_type_name();
  if (from.get_items_expected_max() > 0) out.value = type.substr(0, type.find(':'));
  out.help = from.get_description();
  out.default_text = from.get_default_str();
  out.choices = members(type);
  if (out.choices.empty() && !out.by_position) out.choices = likely(from.get_lnames().front());
  out.required = from.get_required();
  out.repeats = from.get_items_expected_max() > 1;
  return out;
}

/// A verb with verbs of its own (kuchi encoder init) stands as one, with their names as the words
/// that its first argument may be and all their options, each saying whose it is.
void add_own_verbs(const CLI::App& from, Outline::Verb& out) {
  const auto own =
      from.get_parent() == nullptr ? std::vector<const CLI::App*>() : from.get_subcommands({});
  if (own.empty()) return;
  Outline::Option action;
  action.name = "ACTION";
  action.by_position = action.required = true;
  std::vector<Outline::Option> options;
  for (const auto* verb : own) {
    action.choices.push_back(verb->get_name());
    action.help +=
        cat(action.help.empty() ? "" : "; ", verb->get_name(), " ", verb->get_description());
    for (const auto* option : verb->get_options()) {
      if (option == verb->get_help_ptr()) continue;
      auto o = option_of(*option);
      const auto same = std::find_if(options.begin(), options.end(),
                                     [&](const auto& other) { return other.name == o.name; });
      if (same != options.end()) {
        same->help = verb->get_name() + ", " + same->help;
        continue;
      }
      o.help = verb->get_name() + ": " + o.help;
      o.required = o.required && own.size() == 1;
      options.push_back(o);
    }
  }
  out.options.push_back(action);
  out.options.insert(out.options.end(), options.begin(), options.end());
}

Outline::Verb verb_of(const CLI::App& from) {
  Outline::Verb out;
  out.name = from.get_name();
  out.help = from.get_description();
  out.example = from.get_footer();
  for (const auto* option : from.get_options()) {
    // Every verb has --help; it stands with the program's own.
    if (from.get_parent() != nullptr && option == from.get_help_ptr()) continue;
    out.options.push_back(option_of(*option));
  }
  add_own_verbs(from, out);
  out.takes_overrides = kTakesOverrides.count(out.name) > 0;
  return out;
}

Outline::Key key_of(const config::Option& from) {
  Outline::Key out{from.key, from.type, from.default_text, from.meaning(), from.choice_list};
  if (from.type == "boolean") out.choices = {"true", "false"};
  if (out.choices.empty()) out.choices = likely(from.key.substr(from.key.rfind('.') + 1));
  return out;
}

}  // namespace

std::vector<std::string> Outline::verb_names() const {
  Words out;
  for (const auto& verb : verbs) out.push_back(verb.name);
  return out;
}

std::vector<std::string> Outline::overriding_verbs() const {
  Words out;
  for (const auto& verb : verbs) {
    if (verb.takes_overrides) out.push_back(verb.name);
  }
  return out;
}

Outline outline(const CLI::App& app, const config::Schema& schema) {
  Outline out;
  out.program = verb_of(app);
  for (const auto* verb : app.get_subcommands({})) out.verbs.push_back(verb_of(*verb));
  for (const auto& option : schema.options()) out.keys.push_back(key_of(option));
  return out;
}

std::vector<std::string> completion_shells() { return {"bash", "zsh", "fish"}; }

std::string completion(const Outline& outline, const std::string& shell) {
  if (shell == "zsh") return zsh_completion(outline);
  return shell == "fish" ? fish_completion(outline) : bash_completion(outline);
}

}  // namespace kuchi::cli
