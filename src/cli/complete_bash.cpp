// Completion in bash. The script needs bash 4 and nothing else: no bash-completion package.
#include <map>

#include "cli/outline.h"
#include "core/text.h"

namespace kuchi::cli {
namespace {

using Words = std::vector<std::string>;

constexpr const char* kHead =
    R"(# Completion for kuchi in bash, written by: kuchi config --completion bash

# _kuchi_reply WORD...: the words that go on from cur. Readline replaces only what follows the last
# '=' (it breaks words there), so what stands before it is cut off.
_kuchi_reply() {
  local word prefix=''
  if [[ $cur == *=* && $COMP_WORDBREAKS == *=* ]]; then prefix=${cur%"${cur##*=}"}; fi
  for word; do
    if [[ $word == "$cur"* ]]; then COMPREPLY+=("${word#"$prefix"}"); fi
  done
  if [[ ${#COMPREPLY[@]} == 1 && ${COMPREPLY[0]} == *= ]]; then compopt -o nospace 2> /dev/null; fi
}

# What is left empty is completed by bash with file names.
_kuchi() {
  local line=${COMP_LINE:0:COMP_POINT} cur verb='' word option
  local -a before
  COMPREPLY=()
  cur=${line##*[[:space:]]}
  read -r -a before <<< "${line%"$cur"}"
  for word in "${before[@]:1}"; do
    case $word in
      VERBS)
        verb=$word
        break
        ;;
    esac
  done
  option=${before[${#before[@]} - 1]}
  if [[ $cur == --*=* ]]; then option=${cur%%=*}; fi

  # the value of an option
  local prefix=''
  if [[ $cur == --*=* ]]; then prefix=$option=; fi
  case "$verb $option" in
)";

constexpr const char* kKeys = R"(  esac

  # the value of a configuration key
  case "$verb ${cur%%=*}" in
)";

constexpr const char* kRest = R"(  esac
  if [[ $cur == *=* ]]; then return; fi

  # an option, a command, or an argument
  case $verb in
)";

constexpr const char* kTail = R"(  esac
}
complete -o default -F _kuchi kuchi
)";

std::string quoted(const std::string& word) { return "'" + word + "'"; }

std::string option_words(const Outline::Verb& verb) {
  Words out;
  for (const auto& o : verb.options) {
    if (o.by_position) continue;
    if (!o.short_name.empty()) out.push_back(o.short_name);
    out.push_back(o.name);
  }
  return join(out, " ");
}

/// Options that take a value; the same value for several verbs stands in one line.
std::string value_cases(const Outline& outline) {
  std::map<std::string, Words> patterns;  // words → "verb --option"
  for (const auto& o : outline.program.options) {
    if (!o.is_flag()) patterns[join(o.choices, " ")].push_back("*" + quoted(" " + o.name));
  }
  for (const auto& verb : outline.verbs) {
    for (const auto& o : verb.options) {
      if (o.is_flag() || o.by_position) continue;
      patterns[join(o.choices, " ")].push_back(quoted(verb.name + " " + o.name));
    }
  }
  std::string out;
  for (const auto& [words, options] : patterns) {
    out += "    " + join(options, " | ") + ")\n";
    if (!words.empty()) {
      const auto list = split(words, ' ');
      std::string prefixed;
      for (const auto& word : list) prefixed += " \"${prefix}" + word + "\"";
      out += "      _kuchi_reply" + prefixed + "\n";
    }
    out += "      return\n      ;;\n";
  }
  return out;
}

std::string key_cases(const Outline& outline) {
  const auto verbs = outline.overriding_verbs();
  std::string out;
  for (const auto& key : outline.keys) {
    if (key.choices.empty()) continue;
    Words patterns, words;
    for (const auto& verb : verbs) patterns.push_back(quoted(verb + " " + key.name));
    for (const auto& word : key.choices) words.push_back(quoted(key.name + "=" + word));
    // Without the '=' it is not yet a value.
    out += "    " + join(patterns, " | ") + ")\n      if [[ $cur == *=* ]]; then\n" +
           "        _kuchi_reply " + join(words, " ") + "\n        return\n      fi\n      ;;\n";
  }
  return out;
}

std::string verb_case(const Outline& outline, const Outline::Verb& verb) {
  std::string out = "    " + verb.name + ")\n      if [[ $cur == -* ]]; then\n" +
                    "        _kuchi_reply " + option_words(verb) + " " +
                    option_words(outline.program) + "\n";
  Words words;
  for (const auto& o : verb.options) {
    if (o.by_position) words.insert(words.end(), o.choices.begin(), o.choices.end());
  }
  if (!words.empty()) {
    out += "      else\n        _kuchi_reply " + join(words, " ") + "\n";
  } else if (verb.takes_overrides) {
    out += "      elif [[ -n $cur ]]; then\n        _kuchi_keys\n";
  }
  return out + "      fi\n      ;;\n";
}

/// Keys, and the files that begin alike.
std::string keys_function(const Outline& outline) {
  Words words;
  for (const auto& key : outline.keys) words.push_back(key.name + "=");
  return "_kuchi_keys() {\n  _kuchi_reply \\\n    " + join(words, " \\\n    ") +
         "\n  if [[ ${#COMPREPLY[@]} -gt 0 ]]; then\n"
         "    mapfile -t -O ${#COMPREPLY[@]} COMPREPLY < <(compgen -f -- \"$cur\")\n  fi\n}\n\n";
}

}  // namespace

std::string bash_completion(const Outline& outline) {
  const auto names = outline.verb_names();
  std::string head = kHead;
  head.replace(head.find("VERBS"), 5, join(names, " | "));
  const auto function = head.find("# What is left empty");
  head.insert(function, keys_function(outline));

  std::string out = head + value_cases(outline) + kKeys + key_cases(outline) + kRest;
  out += "    '')\n      _kuchi_reply " + join(names, " ") + " " + option_words(outline.program) +
         "\n      ;;\n";
  for (const auto& verb : outline.verbs) out += verb_case(outline, verb);
  return out + kTail;
}

}  // namespace kuchi::cli
