// Completion in fish.
#include "cli/outline.h"
#include "core/text.h"

namespace kuchi::cli {
namespace {

using Words = std::vector<std::string>;

constexpr const char* kFishHead =
    R"(# Completion for kuchi in fish, written by: kuchi config --completion fish

# __kuchi_verb NAME...: is the command one of these? Without names: is there none yet?
function __kuchi_verb
    for word in (commandline -opc)[2..-1]
        if contains -- $word $__kuchi_verbs
            contains -- $word $argv
            return
        end
    end
    test (count $argv) -eq 0
end

# __kuchi_key: is the word at the cursor begun? Keys are many, so an empty word lists files alone.
function __kuchi_key
    string length -q -- (commandline -ct)
    and __kuchi_verb $argv
end

)";

std::string fish_quoted(const std::string& text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') out += '\\';
    out += c;
  }
  return out + "'";
}

std::string line(const std::string& condition, const Outline::Option& option) {
  std::string out = "complete -c kuchi" + condition;
  if (option.by_position) {
    return out + " -f -a " + fish_quoted(join(option.choices, " ")) + " -d " +
           fish_quoted(option.help) + "\n";
  }
  out += " -l " + option.name.substr(2);
  if (!option.short_name.empty()) out += " -s " + option.short_name.substr(1);
  if (!option.is_flag()) {
    out += option.choices.empty() ? " -r -F" : " -x -a " + fish_quoted(join(option.choices, " "));
  }
  return out + " -d " + fish_quoted(option.help) + "\n";
}

std::string key_lines(const Outline& outline) {
  const auto verbs = outline.overriding_verbs();
  const std::string condition = " -n " + fish_quoted("__kuchi_key " + join(verbs, " "));
  std::string out;
  for (const auto& key : outline.keys) {
    Words words = {key.name + "="};
    for (const auto& choice : key.choices) words.push_back(key.name + "=" + choice);
    out += "complete -c kuchi" + condition + " -a " + fish_quoted(join(words, " ")) + " -d " +
           fish_quoted(key.help) + "\n";
  }
  return out;
}

}  // namespace

std::string fish_completion(const Outline& outline) {
  const auto names = outline.verb_names();
  std::string out = kFishHead;
  out += "set -g __kuchi_verbs " + join(names, " ") + "\n\n";
  for (const auto& option : outline.program.options) out += line("", option);
  for (const auto& verb : outline.verbs) {
    out += "\ncomplete -c kuchi -n __kuchi_verb -f -a " + verb.name + " -d " +
           fish_quoted(verb.help) + "\n";
    const std::string condition = " -n " + fish_quoted("__kuchi_verb " + verb.name);
    for (const auto& option : verb.options) {
      if (!option.by_position || !option.choices.empty()) out += line(condition, option);
    }
  }
  return out + "\n" + key_lines(outline);
}

}  // namespace kuchi::cli
