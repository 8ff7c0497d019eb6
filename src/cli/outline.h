// src/cli/outline.h
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "config/schema.h"

namespace kuchi::cli {

/// The command line as data: what completion and the man page are written from. It is read off the
/// verbs and the option table themselves, so a new option is in it without a word here; of a new
/// verb outline.cpp must know only whether it takes section.key=value.
struct Outline {
  struct Option {
    std::string name;                  // "--out"; "AUDIO" for an argument by position
    std::string short_name;            // "-q", or ""
    std::string value;                 // "FILE"; "" for a flag
    std::string help;                  // one line
    std::string default_text;          // "" where it says none
    std::vector<std::string> choices;  // the words that it may be, or the likely ones
    bool by_position = false, required = false, repeats = false;
    bool is_flag() const { return value.empty() && !by_position; }
  };
  struct Verb {
    std::string name, help, example;  // example: "Example:\n  kuchi …"
    std::vector<Option> options;
    bool takes_overrides = false;  // section.key=value
  };
  struct Key {
    std::string name;                  // "train.lr"
    std::string type, default_text;    // as in the reference
    std::string help;                  // with unit and range
    std::vector<std::string> choices;  // as above; true and false for a boolean
  };

  Verb program;  // the name, what it is, and the options that every verb takes
  std::vector<Verb> verbs;
  std::vector<Key> keys;

  std::vector<std::string> verb_names() const;
  std::vector<std::string> overriding_verbs() const;  // those that take section.key=value
};

/// `app` with all its verbs added. Rigs are those in config_dir().
Outline outline(const CLI::App& app, const config::Schema& schema);

/// A script that completes kuchi's command lines: verbs, options, their values, configuration keys
/// and theirs, files elsewhere. `shell` is one of completion_shells().
std::string completion(const Outline& outline, const std::string& shell);
std::vector<std::string> completion_shells();

/// One a shell; completion() chooses.
std::string bash_completion(const Outline& outline);
std::string zsh_completion(const Outline& outline);
std::string fish_completion(const Outline& outline);

/// The manual page kuchi(1), in roff's man macros. It holds no date, so that the same program
/// writes the same page.
std::string man_page(const Outline& outline, const std::string& version);

}  // namespace kuchi::cli
