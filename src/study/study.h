#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "config/schema.h"
#include "config/yaml.h"

namespace kuchi::study {

/// Keys of the configuration and the values that they are to have, as they stand in the file.
using Choice = std::vector<config::Assignment>;

/// A number to be drawn or to be divided into steps.
struct Range {
  double from = 0, to = 1;
  bool log = false;
  int64_t steps = 0;     // of a grid, ends included; 0: only drawn
  bool integer = false;  // drawn values are whole
};

/// A key of the configuration that is varied.
struct Factor {
  std::string key;
  Location at;
  std::vector<config::Node> values;  // empty where there is a range that is only drawn
  std::optional<Range> range;
  Choice when;  // only where all of these hold: each a factor with one of the values
};

/// One choice of a list, with its name.
struct Listed {
  std::string name;
  Location at;
  Choice choice;
};

enum class Search { grid, random, list, halving };
enum class Folds { none, clips, speakers, number };

/// Two choices of some factors, that are compared over all settings that agree in the others.
struct Question {
  Location at;
  Choice a, b;
};

/// A budget that begins small for many and grows for the best of them.
/// Source: Jamieson and Talwalkar, Non-stochastic best arm identification, AISTATS 2016.
struct Halving {
  std::string key = "train.max_steps";
  Location at;
  std::vector<config::Node> budgets;  // rising
  double keep = 0.5;                  // share of the settings that go on
};

/// What a study's file says. Every mistake of its own grammar is found when it is read; whether
/// the keys are the configuration's is found when it is planned.
struct Study {
  std::filesystem::path file;
  std::string name, about;
  std::filesystem::path base;  // configuration that every training starts from
  Choice overrides;            // of every training
  Search search = Search::grid;
  std::vector<Factor> factors;
  std::vector<Listed> list;
  int64_t draws = 0;  // `trials`: settings that are drawn; 0: all of the grid
  int64_t seed = 0;   // of what is drawn, and of the folds
  std::vector<int64_t> seeds = {0};
  Folds folds = Folds::none;
  int64_t fold_count = 0;
  bool valid_next = false;  // the next fold is the validation part; else there is none
  std::optional<Halving> halving;

  std::string metric = "mse";
  std::optional<Choice> baseline;
  std::vector<Question> questions;
  std::string curve = "data.fraction";  // the factor along which learning curves are drawn
};

/// The key under which a factor or an entry of a list takes another configuration than Study::base
/// to start from.
inline constexpr const char* kBase = "base";
/// A configuration that a study names: beside its file where it is there, else as it is named, for
/// load_config() to find.
std::filesystem::path find_base(const std::string& name, const std::filesystem::path& study);

/// Reads a study. UserError (config) with file:line:col.
Study load_study(const std::filesystem::path& file);

/// A value as YAML on one line, as an override can carry it.
std::string flow_text(const config::Node& value);
/// "model.head=lstm data.fraction=0.1"; "as the base" for no keys.
std::string words(const Choice& choice);

}  // namespace kuchi::study
