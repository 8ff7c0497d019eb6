// Completion in zsh, by its own _arguments.
#include "cli/outline.h"
#include "core/text.h"

namespace kuchi::cli {
namespace {

using Words = std::vector<std::string>;

/// Inside the single quotes of a specification; ':' and brackets mean something there.
std::string spec_text(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == ':' || c == '[' || c == ']' || c == '\\') out += '\\';
    if (c == '\'') {
      out += "'\\''";
    } else {
      out += c;
    }
  }
  return out;
}

std::string values(const Outline::Option& option) {
  return option.choices.empty() ? "_files" : "(" + join(option.choices, " ") + ")";
}

std::string spec(const Outline::Option& option, const std::string& name) {
  std::string out = "'" + name + "[" + spec_text(option.help) + "]";
  if (!option.is_flag()) out += ":" + spec_text(option.value) + ":" + values(option);
  return out + "'";
}

Words specs(const Outline::Verb& verb) {
  Words out;
  for (const auto& o : verb.options) {
    if (o.by_position) continue;
    out.push_back(spec(o, o.name));
    if (!o.short_name.empty()) out.push_back(spec(o, o.short_name));
  }
  return out;
}

std::string verb_case(const Outline::Verb& verb) {
  Words all = specs(verb);
  for (const auto& o : verb.options) {
    if (o.by_position && !o.choices.empty()) {
      all.push_back("'1:" + spec_text(o.name) + ":" + values(o) + "'");
    }
  }
  all.push_back(verb.takes_overrides ? "'*:argument:_kuchi_argument'" : "'*:file:_files'");
  return "        " + verb.name + ")\n          _arguments $everywhere \\\n            " +
         join(all, " \\\n            ") + "\n          ;;\n";
}

/// A file, a configuration key, or the value of one.
std::string argument_function(const Outline& outline) {
  Words keys;
  std::string out =
      "_kuchi_argument() {\n  if compset -P 1 '[a-z_0-9.]#.[a-z_0-9.]#='; then\n"
      "    case ${IPREFIX%=} in\n";
  for (const auto& key : outline.keys) {
    keys.push_back("'" + key.name + "='");
    if (key.choices.empty()) continue;
    out += "      *" + key.name + ") compadd -- " + join(key.choices, " ") + " ;;\n";
  }
  return out + "      *) _files ;;\n    esac\n    return\n  fi\n  _files\n" +
         "  if [[ -n $PREFIX ]]; then\n    compadd -S '' -- \\\n      " +
         join(keys, " \\\n      ") + "\n  fi\n}\n\n";
}

}  // namespace

std::string zsh_completion(const Outline& outline) {
  std::string out =
      "#compdef kuchi\n"
      "# Completion for kuchi in zsh, written by: kuchi config --completion zsh\n\n";
  out += argument_function(outline);
  out +=
      "_kuchi() {\n  setopt local_options extended_glob\n"
      "  local line state\n  local -a verbs everywhere\n  everywhere=(\n";
  for (const auto& s : specs(outline.program)) out += "    " + s + "\n";
  out += "  )\n  verbs=(\n";
  for (const auto& verb : outline.verbs) {
    out += "    '" + spec_text(verb.name) + ":" + spec_text(verb.help) + "'\n";
  }
  out +=
      "  )\n  _arguments -C $everywhere '1:command:->verb' '*::argument:->rest'\n"
      "  case $state in\n    verb) _describe command verbs ;;\n    rest)\n      case $words[1] "
      "in\n";
  for (const auto& verb : outline.verbs) out += verb_case(verb);
  return out + "      esac\n      ;;\n  esac\n}\n\n" +
         "if [[ $funcstack[1] == _kuchi ]]; then _kuchi \"$@\"; else compdef _kuchi kuchi; fi\n";
}

}  // namespace kuchi::cli
